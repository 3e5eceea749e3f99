/** An SQLite database in a directory of its own, gone after the test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stores } from '../../../src/ports/stores.ts';
import { openSqliteStores } from '../../../src/stores/sqlite/open.ts';
import type { OpenedStores } from './opened.ts';

export const openTemporarySqlite = async (): Promise<OpenedStores & { readonly path: string }> => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-sqlite-'));
  const path = join(directory, 'slipway.db');
  const opened: Stores[] = [];
  const open = async (): Promise<Stores> => {
    const stores = await openSqliteStores({ path });
    opened.push(stores);
    return stores;
  };
  return {
    path,
    stores: await open(),
    reopen: open,
    close: async () => {
      await Promise.all(opened.map((stores) => stores.close()));
      await rm(directory, { recursive: true });
    },
  };
};
