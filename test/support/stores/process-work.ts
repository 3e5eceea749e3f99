/** What a process of its own does with stores that others have open, too, for tests of what several processes do. */
import { isDomainError } from '../../../src/core/errors.ts';
import type { RunId } from '../../../src/core/ids.ts';
import { claim, queue, recordUsage } from '../../../src/core/transitions.ts';
import type { Stores } from '../../../src/ports/stores.ts';
import { NOW, newIdempotencyRecord, newRun } from '../../contracts/stores/fixtures.ts';
import { reading } from '../../contracts/stores/run-lives.ts';

export type Work =
  /** Opens the database, which may have to be made. */
  | { readonly kind: 'open' }
  /** Meters one token, `times` times; reports the count after each commit. */
  | { readonly kind: 'meter'; readonly run: RunId; readonly times: number }
  /** Claims until nothing is left; reports the ids. */
  | { readonly kind: 'claim' }
  /** Inserts runs under the same key; reports the outcomes. */
  | { readonly kind: 'insert'; readonly key: string; readonly times: number }
  /** Asks for `times` secrets, each by a name of its own; reports them. */
  | { readonly kind: 'secret'; readonly times: number };

/** What a process reports. */
export type ProcessReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly count: number }
  | { readonly kind: 'done'; readonly values: readonly string[] };

export const report = (message: ProcessReport): void => {
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

/** Does the work and closes the stores. */
export const workOn = async (stores: Stores, work: Work): Promise<string[]> => {
  try {
    if (work.kind === 'meter') return await meter(stores, work.run, work.times);
    if (work.kind === 'claim') return await claimAll(stores);
    if (work.kind === 'insert') return await insertAll(stores, work.key, work.times);
    if (work.kind === 'secret') return await secrets(stores, work.times);
    return [];
  } finally {
    await stores.close();
  }
};
