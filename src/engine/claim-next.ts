import { conclude } from '../core/conclusion.ts';
import { aloneUntil, isLeftAlone } from '../core/custody.ts';
import { isDomainError } from '../core/errors.ts';
import type { Instant, RunId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import { andThen, claim, type Decision, settle, unchanged } from '../core/transitions.ts';
import { decideRun } from './decide-run.ts';
import type { Drive } from './deps.ts';
import { siteOf } from './site-of.ts';

/** Runs that this process has to leave to servers with their executor, and until when. */
export type LeftRuns = Map<RunId, Instant>;

/** What a look for work goes by. */
export interface Looking {
  /** How many runs may be claimed now, and how many this process drives at most. */
  readonly room: number;
  readonly concurrency: number;
  /** Runs that this process is driving still, whose lease ran out while it was too busy to renew it. */
  readonly isMine: (id: RunId) => boolean;
  readonly left: LeftRuns;
}

/**
 * Claims the runs that are next in turn, all at once, so that a store can commit them together. The store's candidates
 * are a hint, `claim` is the judge: one that another worker got first is passed over. `take` gets each run as soon as it
 * is claimed, also when the claim of another one fails, which is thrown. Resolves with their number.
 *
 * A run whose executor this server lacks executes nowhere else: that would make its record, and what it promises, untrue.
 * One that waits in the queue is claimed and refused in one commit. One that was begun may be alive: it goes into `left`,
 * untouched, and is not looked at again before it can be no more; then it is ended.
 */
export const claimNext = async (drive: Drive, looking: Looking, take: (run: Run) => void): Promise<number> => {
  const { left } = looking;
  for (;;) {
    const now = drive.clock.now();
    for (const [id, until] of left) if (until <= now) left.delete(id);
    const known = left.size;
    const found = await drive.stores.runs.findClaimable(now, looking.concurrency, [...left.keys()]);
    const claimed = await claimSome(drive, found, looking, take);
    // Others may stand behind those that were left just now.
    if (claimed > 0 || left.size === known) return claimed;
  }
};

const claimSome = async (
  drive: Drive,
  found: readonly RunId[],
  { room, isMine, left }: Looking,
  take: (run: Run) => void,
): Promise<number> => {
  const candidates = found.filter((id) => !isMine(id));
  for (let next = 0; next < candidates.length; next += room) {
    const some = candidates.slice(next, next + room).map((id) => claimOrLeave(drive, id, left, take));
    const claims = await Promise.allSettled(some);
    for (const one of claims) if (one.status === 'rejected') throw one.reason;
    const claimed = claims.filter((one) => one.status === 'fulfilled' && one.value).length;
    if (claimed > 0) return claimed;
  }
  return 0;
};

const claimOrLeave = async (drive: Drive, id: RunId, left: LeftRuns, take: (run: Run) => void): Promise<boolean> => {
  let until: Instant | null = null;
  try {
    const run = await decideRun(drive, id, (current) => {
      const now = drive.clock.now();
      const mine = siteOf(drive, current) !== null;
      until = !mine && isLeftAlone(current, now) ? aloneUntil(current) : null;
      if (until !== null) return unchanged(current);
      const claimed = claim(current, drive.holder, drive.pace.leaseMs, now);
      return mine ? claimed : andThen(claimed, (next) => endElsewhere(current, next, now));
    });
    if (until === null) {
      take(run);
      return true;
    }
    left.set(id, until);
    drive.logger.warn({ runId: id, executor: run.executor, until }, 'a run is left to servers with its executor');
    return false;
  } catch (error) {
    if (isDomainError(error, 'conflict') || isDomainError(error, 'not_found')) return false;
    throw error;
  }
};

/** @param before as it was found, @param run as it was claimed */
const endElsewhere = (before: Run, run: Run, now: Instant): Decision => {
  const { executor, leaseToken } = run;
  const refusal = conclude.refused({
    code: 'place_failed',
    message: `This server has no executor "${executor}", where the run is to execute.`,
    hint: `Start the server with SLIPWAY_EXECUTOR=${executor}, or send the run again.`,
  });
  const conclusion = before.state.status === 'queued' ? refusal : conclude.abandoned(executor);
  return settle(run, leaseToken, conclusion, [], now);
};
