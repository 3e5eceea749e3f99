/**
 * A process of its own that works on Firestore, for tests of what several processes do to one database.
 * Its argument is a `FirestoreTask` as JSON. It says `ready`, begins at the first message, and reports by messages.
 */

import { openFirestoreStores } from '../../../src/stores/firestore/open.ts';
import { EFFECTS } from '../firestore/effects.ts';
import { report, type Work, workOn } from './process-work.ts';

export type FirestoreTask = { readonly projectId: string; readonly emulatorHost: string } & Work;

const task = JSON.parse(process.argv[2] ?? 'null') as FirestoreTask;
process.once('message', async () => {
  const { projectId, emulatorHost } = task;
  const stores = await openFirestoreStores({ projectId, databaseId: '(default)', ...EFFECTS, emulatorHost });
  report({ kind: 'done', values: await workOn(stores, task) });
  process.disconnect();
});
report({ kind: 'ready' });
