/** Changes that are asked for at once reach the database in one commit, and are told apart all the same. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/core/errors.ts';
import type { Run } from '../../../src/core/run.ts';
import { requestStop } from '../../../src/core/transitions.ts';
import type { Stores } from '../../../src/ports/stores.ts';
import { openSqliteStores } from '../../../src/stores/sqlite/open.ts';
import { insertRun } from './run-lives.ts';

const COUNT = 20;

describe('changes at once', () => {
  let directory = '';
  let path = '';
  let stores: Stores;
  let runs: readonly Run[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-group-'));
    path = join(directory, 'slipway.db');
    stores = await openSqliteStores({ path });
    runs = await Promise.all(Array.from({ length: COUNT }, () => insertRun(stores.runs)));
  });
  afterEach(async () => {
    await stores.close();
    await rm(directory, { recursive: true });
  });

  const stopped = (run: Run) => stores.runs.update(run.id, (current) => requestStop(current, 'cancelled', null, 1));

  /** Frames that end a commit, in the write-ahead log: those that hold the size of the database. https://sqlite.org/fileformat2.html#walformat */
  const commits = async (): Promise<number> => {
    const log = await readFile(`${path}-wal`);
    const frameBytes = 24 + log.readUInt32BE(8);
    let ends = 0;
    for (let at = 32; at + frameBytes <= log.length; at += frameBytes) if (log.readUInt32BE(at + 4) !== 0) ends += 1;
    return ends;
  };

  it('need one commit', async () => {
    const before = await commits();
    await Promise.all(runs.map(stopped));
    expect((await commits()) - before).toBe(1);
    for (const run of runs) expect((await stores.runs.get(run.id))?.stop).not.toBeNull();
  });

  it('are told apart when some are refused', async () => {
    const refuse = (run: Run) =>
      stores.runs.update(run.id, () => {
        throw new DomainError('conflict', `not ${run.id}`);
      });
    const all = await Promise.allSettled(runs.map((run, index) => (index % 3 === 0 ? refuse(run) : stopped(run))));
    for (const [index, outcome] of all.entries()) {
      expect(outcome.status).toBe(index % 3 === 0 ? 'rejected' : 'fulfilled');
      const run = runs[index];
      if (run !== undefined) expect((await stores.runs.get(run.id))?.stop === null).toBe(index % 3 === 0);
    }
  });

  it('leave nothing of one that fails after it has written', async () => {
    const [first, second] = runs;
    if (first === undefined || second === undefined) throw new Error('no runs');
    // The row is written before its events are refused by the table.
    const halfway = stores.runs.update(first.id, (current) => {
      const { run, events } = requestStop(current, 'cancelled', null, 1);
      return { run, events: events.map((event) => ({ ...event, seq: event.seq, data: undefined as never })) };
    });
    const outcomes = await Promise.allSettled([halfway, stopped(second)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await stores.runs.get(first.id)).toEqual(first);
    expect((await stores.runs.get(second.id))?.stop).not.toBeNull();
  });

  it('see each other in the order in which they were asked for', async () => {
    const [run] = runs;
    if (run === undefined) throw new Error('no run');
    const seen: number[] = [];
    const note = () =>
      stores.runs.update(run.id, (current) => {
        seen.push(current.lastSeq);
        return requestStop(current, 'cancelled', null, 1);
      });
    await Promise.all([note(), note(), note()]);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBeGreaterThan(1);
  });

  it('are committed before the store closes', async () => {
    const all = runs.map(stopped);
    await stores.close();
    await Promise.all(all);
    stores = await openSqliteStores({ path });
    for (const run of runs) expect((await stores.runs.get(run.id))?.stop).not.toBeNull();
  });
});
