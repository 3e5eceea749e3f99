/**
 * A process of its own that works on a database, for tests of what two processes do to one file.
 * Its argument is a `ProcessTask` as JSON. It says `ready`, begins at the first message, and reports by messages.
 */
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStores } from '../../../src/stores/sqlite/open.ts';
import { report, type Work, workOn } from './process-work.ts';

/** `hold` begins a transaction, runs `sql` in it, reports, and never ends. */
export type ProcessTask = { readonly path: string } & (Work | { readonly kind: 'hold'; readonly sql: string });

const hold = (path: string, sql: string): void => {
  const database = new DatabaseSync(path);
  database.exec('BEGIN IMMEDIATE');
  database.exec(sql);
  report({ kind: 'progress', count: 1 });
  // Keeps the process, and the transaction in it, until somebody ends it.
  setInterval(() => database.isTransaction, 1_000);
};

const task = JSON.parse(process.argv[2] ?? 'null') as ProcessTask;
process.once('message', async () => {
  if (task.kind === 'hold') return hold(task.path, task.sql);
  report({ kind: 'done', values: await workOn(await openSqliteStores({ path: task.path }), task) });
  process.disconnect();
});
report({ kind: 'ready' });
