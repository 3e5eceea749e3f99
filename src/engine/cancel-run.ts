import type { RunId, UserId } from '../core/ids.ts';
import { isTerminal, type Run } from '../core/run.ts';
import type { Engine } from './deps.ts';
import { readRun } from './read-run.ts';
import { stopRun } from './request-stop.ts';

/** Cancels a user's run. `accepted` is false when it was over already; cancelling twice is the same as once. */
export const cancelRun = async (
  engine: Engine,
  userId: UserId,
  id: RunId,
): Promise<{ readonly run: Run; readonly accepted: boolean }> => {
  const before = await readRun(engine, userId, id);
  if (isTerminal(before)) return { run: before, accepted: false };
  const run = await stopRun(engine, id, 'cancelled', null);
  // It may have ended by itself in between; then nothing was accepted.
  return { run, accepted: run.stop !== null };
};
