/**
 * A process of its own that works on a database, for tests of what two processes do to one file.
 * Its argument is a `ProcessTask` as JSON. It says `ready`, begins at the first message, and reports by messages.
 */
import { DatabaseSync } from 'node:sqlite';
import { isDomainError } from '../../../src/core/errors.ts';
import type { RunId } from '../../../src/core/ids.ts';
import { claim, queue, recordUsage } from '../../../src/core/transitions.ts';
import type { Stores } from '../../../src/ports/stores.ts';
import { openSqliteStores } from '../../../src/stores/sqlite/open.ts';
import { NOW, newIdempotencyRecord, newRun } from '../../contracts/stores/fixtures.ts';
import { reading } from '../../contracts/stores/run-lives.ts';

export type ProcessTask =
  /** Opens the database, which may have to be made and migrated. */
  | { readonly kind: 'open'; readonly path: string }
  /** Meters one token, `times` times; reports the count after each commit. */
  | { readonly kind: 'meter'; readonly path: string; readonly run: RunId; readonly times: number }
  /** Claims until nothing is left; reports the ids. */
  | { readonly kind: 'claim'; readonly path: string }
  /** Inserts runs under the same key; reports the outcomes. */
  | { readonly kind: 'insert'; readonly path: string; readonly key: string; readonly times: number }
  /** Asks for `times` secrets, each by a name of its own; reports them. */
  | { readonly kind: 'secret'; readonly path: string; readonly times: number }
  /** Begins a transaction, runs `sql` in it, reports, and never ends. */
  | { readonly kind: 'hold'; readonly path: string; readonly sql: string };

/** What the process reports. */
export type ProcessReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly count: number }
  | { readonly kind: 'done'; readonly values: readonly string[] };

const report = (message: ProcessReport): void => {
  process.send?.(message);
};

const meter = async (stores: Stores, run: RunId, times: number): Promise<string[]> => {
  for (let count = 1; count <= times; count += 1) {
    await stores.runs.update(run, (present) => recordUsage(present, reading({ inputTokens: 1 }), NOW));
    report({ kind: 'progress', count });
  }
  return [];
};

const claimAll = async (stores: Stores): Promise<string[]> => {
  const claimed: string[] = [];
  for (;;) {
    const [candidate] = await stores.runs.findClaimable(NOW, 1);
    if (candidate === undefined) return claimed;
    try {
      await stores.runs.update(candidate, (run) => claim(run, `process-${process.pid}`, 60_000, NOW));
      claimed.push(candidate);
    } catch (error) {
      if (!isDomainError(error, 'conflict')) throw error;
    }
  }
};

const insertAll = async (stores: Stores, key: string, times: number): Promise<string[]> => {
  const outcomes: string[] = [];
  for (let count = 0; count < times; count += 1) {
    try {
      await stores.runs.insert(queue(newRun(), NOW), newIdempotencyRecord({ key }));
      outcomes.push('done');
    } catch (error) {
      if (!isDomainError(error)) throw error;
      outcomes.push(error.code);
    }
  }
  return outcomes;
};

const secrets = async (stores: Stores, times: number): Promise<string[]> => {
  const made: string[] = [];
  for (let count = 0; count < times; count += 1) {
    made.push(Buffer.from(await stores.secret(`secret-${count}`)).toString('hex'));
  }
  return made;
};

const hold = (path: string, sql: string): void => {
  const database = new DatabaseSync(path);
  database.exec('BEGIN IMMEDIATE');
  database.exec(sql);
  report({ kind: 'progress', count: 1 });
  // Keeps the process, and the transaction in it, until somebody ends it.
  setInterval(() => database.isTransaction, 1_000);
};

const work = async (task: Exclude<ProcessTask, { kind: 'hold' }>): Promise<string[]> => {
  const stores = await openSqliteStores({ path: task.path });
  try {
    if (task.kind === 'meter') return await meter(stores, task.run, task.times);
    if (task.kind === 'claim') return await claimAll(stores);
    if (task.kind === 'insert') return await insertAll(stores, task.key, task.times);
    if (task.kind === 'secret') return await secrets(stores, task.times);
    return [];
  } finally {
    await stores.close();
  }
};

const task = JSON.parse(process.argv[2] ?? 'null') as ProcessTask;
process.once('message', async () => {
  if (task.kind === 'hold') return hold(task.path, task.sql);
  report({ kind: 'done', values: await work(task) });
  process.disconnect();
});
report({ kind: 'ready' });
