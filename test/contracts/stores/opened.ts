/** What a contract suite needs of the store that it is run against. */
import { afterEach, beforeEach } from 'vitest';
import type { Stores } from '../../../src/ports/stores.ts';

export interface OpenedStores {
  readonly stores: Stores;
  /** Opens the same database once more, as another process would; what was opened before stays usable. */
  reopen(): Promise<Stores>;
  /** Closes everything that was opened, and removes the database. */
  close(): Promise<void>;
}

/** Opens an empty database of its own. */
export type OpenStores = () => Promise<OpenedStores>;

/** The stores of the running test: an empty database for each. */
export const eachTest = (open: OpenStores) => {
  let opened: OpenedStores | null = null;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(async () => {
    await opened?.close();
    opened = null;
  });
  const need = (): OpenedStores => {
    if (opened === null) throw new Error('No test is running.');
    return opened;
  };
  return {
    get stores(): Stores {
      return need().stores;
    },
    reopen: (): Promise<Stores> => need().reopen(),
  };
};
