/**
 * One round of everything that has to be done, within one request: where a server gets no processor time between
 * requests, somebody calls each minute, and this is when runs are driven on. Repeatable at any moment, by any process.
 */
import type { RunId } from '../core/ids.ts';
import { isTerminal } from '../core/run.ts';
import type { Executor } from '../ports/executor.ts';
import type { Chores } from './chores.ts';
import type { Engine } from './deps.ts';
import type { Worker } from './worker.ts';

export interface Reconciler {
  /** Claims what it can, and drives it for up to `ms`. */
  round(ms: number): Promise<{ readonly claimed: number; readonly active: number }>;
  /** Something has changed at a place: drives on what is due, for up to `ms`. */
  nudge(ms: number): Promise<void>;
}

const SWEEP_EVERY_MS = 600_000;

/** Clears away places whose run was over before their process could. */
export const sweepPlaces = async (engine: Engine, executors: readonly Executor[]): Promise<void> => {
  const isOver = async (id: RunId): Promise<boolean> => {
    const run = await engine.stores.runs.get(id);
    return run === null || isTerminal(run);
  };
  let released = 0;
  for (const executor of executors) released += await executor.sweep(isOver);
  if (released > 0) engine.logger.info({ released }, 'places of finished runs were cleared away');
};

export const createReconciler = (
  engine: Engine,
  executors: readonly Executor[],
  worker: Worker,
  chores: Chores,
): Reconciler => {
  // The start of the process sweeps.
  let sweepAt = engine.clock.now() + SWEEP_EVERY_MS;
  return {
    round: async (ms) => {
      await chores.tick();
      const claimed = await worker.tick();
      if (engine.clock.now() >= sweepAt) {
        sweepAt = engine.clock.now() + SWEEP_EVERY_MS;
        await sweepPlaces(engine, executors);
      }
      await worker.settled(ms);
      return { claimed, active: worker.active() };
    },
    nudge: async (ms) => {
      await worker.tick();
      await worker.settled(ms);
    },
  };
};
