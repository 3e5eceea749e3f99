/**
 * Who may go on with a run that was begun. Its place is known to its own executor alone, and may be alive: a server
 * without that executor leaves it alone until nothing of it can be.
 */
import { leaseOf } from './decision.ts';
import type { Instant } from './ids.ts';
import { isLive, type Run } from './run.ts';

/**
 * Every place ends its job at the deadline by itself. This is what may come on top: the longest wait for a machine, an
 * hour; what a machine takes before and after, half an hour; and as much again for clocks that differ.
 */
const GRACE_MS = 2 * 3_600_000;

/**
 * From when on nothing of a run can be alive, though nobody who has its executor looked: then anybody may end it.
 * `illegal_transition` for a run that is not live.
 */
export const aloneUntil = (run: Run): Instant => {
  const lease = leaseOf(run);
  // Of a start whose answer is missing only the last moment is known at which somebody was at it.
  const begunAt = run.state.status === 'running' ? run.state.execution.startedAt : lease.expiresAt;
  return begunAt + run.task.limits.timeoutSeconds * 1_000 + GRACE_MS;
};

/** Whether a server without the run's executor has to leave it alone now. What waits in the queue has no place. */
export const isLeftAlone = (run: Run, now: Instant): boolean => isLive(run) && now < aloneUntil(run);
