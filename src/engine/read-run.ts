import { DomainError } from '../core/errors.ts';
import type { RunId, UserId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import type { Engine } from './deps.ts';

/** A user's run. `not_found` also for another user's, so that nothing leaks. */
export const readRun = async (engine: Engine, userId: UserId, id: RunId): Promise<Run> => {
  const run = await engine.stores.runs.get(id);
  if (run === null || run.userId !== userId) throw new DomainError('not_found', `There is no run ${id}.`);
  return run;
};
