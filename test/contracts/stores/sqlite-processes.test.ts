/** What several processes do to one database file, and what is left when one of them is killed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../../src/ports/stores.ts';
import { openConnection } from '../../../src/stores/sqlite/connection.ts';
import { MIGRATIONS } from '../../../src/stores/sqlite/migrations/migrations.ts';
import { createRunStore } from '../../../src/stores/sqlite/runs.ts';
import type { ProcessTask } from '../../support/stores/sqlite-process.ts';
import { type StoreProcess, startSqliteProcess } from '../../support/stores/start-process.ts';
import { ALICE, NOW } from './fixtures.ts';
import { insertRun, meterRun, runningRun } from './run-lives.ts';
import { openTemporarySqlite } from './temporary-sqlite.ts';

const startAll = (tasks: readonly ProcessTask[]): Promise<StoreProcess[]> => Promise.all(tasks.map(startSqliteProcess));
const runAll = (processes: readonly StoreProcess[]) => Promise.all(processes.map((process) => process.run()));
const repeat = (times: number, task: ProcessTask): ProcessTask[] => Array.from({ length: times }, () => task);

describe('one database file, several processes', () => {
  let path = '';
  let stores: Stores;
  let close = async (): Promise<void> => {};
  beforeEach(async () => {
    const opened = await openTemporarySqlite();
    ({ path, stores, close } = opened);
  });
  afterEach(() => close());

  const usage = () => stores.runs.usage({ userId: ALICE, from: NOW, to: NOW, groupBy: 'model' });

  it('lose and double no update', async () => {
    const run = await runningRun(stores.runs);
    const task: ProcessTask = { kind: 'meter', path, run: run.id, times: 100 };
    const processes = await startAll(repeat(3, task));
    await runAll(processes);
    expect((await stores.runs.get(run.id))?.tokenUsage.inputTokens).toBe(300);
    const seqs = (await stores.runs.events(run.id, 0, 1_000)).map((event) => event.seq);
    expect(seqs).toEqual(Array.from({ length: 303 }, (_, index) => index + 1));
    expect(await usage()).toMatchObject([{ runs: 1, tokenUsage: { inputTokens: 300 } }]);
  });

  it('claim each run once', async () => {
    const ids = [];
    for (let count = 0; count < 60; count += 1) ids.push((await insertRun(stores.runs)).id);
    const claimed = (await runAll(await startAll(repeat(3, { kind: 'claim', path })))).flat();
    expect(claimed).toHaveLength(60);
    expect(new Set(claimed)).toEqual(new Set(ids));
    for (const id of ids) expect(await stores.runs.get(id)).toMatchObject({ leaseToken: 1, attempt: 1 });
  });

  it('have one winner of an idempotency key', async () => {
    const task: ProcessTask = { kind: 'insert', path, key: 'same', times: 5 };
    const outcomes = (await runAll(await startAll(repeat(3, task)))).flat();
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'idempotency_in_flight')).toHaveLength(14);
    expect(await stores.runs.findClaimable(NOW, 100)).toHaveLength(1);
  });

  it('agree on every secret', async () => {
    const made = await runAll(await startAll(repeat(3, { kind: 'secret', path, times: 100 })));
    expect(new Set(made[0]).size).toBe(100);
    for (const secrets of made) expect(secrets).toEqual(made[0]);
  });

  it('keep all that was committed when one is killed in the middle', async () => {
    const run = await runningRun(stores.runs);
    const [process] = await startAll([{ kind: 'meter', path, run: run.id, times: 1_000_000 }]);
    if (process === undefined) throw new Error('no process');
    await process.reached(50);
    await process.kill();
    const after = await stores.runs.get(run.id);
    const tokens = after?.tokenUsage.inputTokens ?? 0;
    // The newest commit may have been made without the word of it having come through; words come in order.
    expect(tokens).toBeGreaterThanOrEqual(process.count);
    expect(process.count).toBeGreaterThanOrEqual(50);
    const seqs = (await stores.runs.events(run.id, 0, 2_000_000)).map((event) => event.seq);
    expect(seqs).toEqual(Array.from({ length: tokens + 3 }, (_, index) => index + 1));
    expect(await usage()).toMatchObject([{ tokenUsage: { inputTokens: tokens } }]);
    await meterRun(stores.runs, run, { inputTokens: 1 });
    expect((await stores.runs.get(run.id))?.lastSeq).toBe(tokens + 4);
  });

  it('refuse to write while another holds the file for too long, and write nothing; reading goes on', async () => {
    const run = await runningRun(stores.runs);
    const [holder] = await startAll([{ kind: 'hold', path, sql: "UPDATE runs SET status = 'lost'" }]);
    if (holder === undefined) throw new Error('no process');
    await holder.reached(1);
    const impatient = openConnection(path, 20);
    try {
      await expect(meterRun(createRunStore(impatient), run, { inputTokens: 1 })).rejects.toMatchObject({
        code: 'store_unavailable',
        hint: expect.stringContaining('Nothing of this request was written'),
        retryAfterSeconds: 1,
      });
      expect(await createRunStore(impatient).get(run.id)).toEqual(run);
    } finally {
      await holder.kill();
      impatient.close();
    }
    expect(await stores.runs.get(run.id)).toEqual(run);
    expect(
      (await stores.runs.list({ userId: ALICE, statuses: ['running'] }, { limit: 9, cursor: null })).items,
    ).toEqual([run]);
    await meterRun(stores.runs, run, { inputTokens: 1 });
  });

  it('can all make and migrate a new database at once', async () => {
    const fresh = `${path}.new`;
    await runAll(await startAll(repeat(4, { kind: 'open', path: fresh })));
    const connection = openConnection(fresh);
    try {
      expect(connection.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
      expect(connection.get('SELECT count(*) AS steps, max(version) AS newest FROM migrations')).toEqual({
        steps: MIGRATIONS.length,
        newest: MIGRATIONS.length,
      });
    } finally {
      connection.close();
    }
  });
});
