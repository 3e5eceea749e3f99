import { DomainError } from '../core/errors.ts';
import type { RunId, UserId } from '../core/ids.ts';
import { isTerminal, type Run } from '../core/run.ts';
import type { Engine } from './deps.ts';
import { readRun } from './read-run.ts';
import { type Once, submitRun } from './submit-run.ts';

/** Queues a new run with the same snapshot as a finished one. `conflict` while that one is not over. */
export const retryRun = async (engine: Engine, userId: UserId, id: RunId, once?: Once<Run>): Promise<Run> => {
  const old = await readRun(engine, userId, id);
  if (!isTerminal(old)) {
    throw new DomainError('conflict', `Run ${id} is ${old.state.status}; only a finished run can be retried.`, {
      hint: 'Wait for its end, or cancel it first.',
    });
  }
  const agent =
    old.agentId === null || old.agentRevision === null ? null : { id: old.agentId, revision: old.agentRevision };
  const trigger = { kind: 'retry', firedFor: null } as const;
  return submitRun(engine, { userId, task: old.task, agent, trigger, retryOf: old.id }, once);
};
