/** A Firestore database of its own in the emulator: a project that nobody else uses. */

import type { Stores } from '../../../src/ports/stores.ts';
import type { Operation } from '../../../src/stores/firestore/connection.ts';
import { openFirestoreStores } from '../../../src/stores/firestore/open.ts';
import { EFFECTS } from '../../support/firestore/effects.ts';
import { emulatorHost, newProjectId } from '../../support/firestore/firestore.ts';
import type { OpenedStores } from './opened.ts';

export const openTemporaryFirestore = async (
  observe: (operation: Operation) => void = () => undefined,
): Promise<OpenedStores> => {
  const host = await emulatorHost();
  const projectId = newProjectId();
  const opened: Stores[] = [];
  const open = async (): Promise<Stores> => {
    const stores = await openFirestoreStores({
      projectId,
      databaseId: '(default)',
      ...EFFECTS,
      emulatorHost: host,
      observe,
    });
    opened.push(stores);
    return stores;
  };
  return {
    stores: await open(),
    reopen: open,
    close: async () => {
      await Promise.all(opened.map((stores) => stores.close()));
    },
  };
};
