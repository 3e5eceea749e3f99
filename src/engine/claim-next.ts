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

/**
 * Claims the run that is next in turn, or none. The store's candidates are a hint, `claim` is the judge: one that
 * another worker got first is passed over. `isMine` names runs that this process is driving still, whose lease ran
 * out while it was too busy to renew it.
 *
 * A run whose executor this server lacks executes nowhere else: that would make its record, and what it promises, untrue.
 * One that waits in the queue is claimed and refused in one commit. One that was begun may be alive: it goes into `left`,
 * untouched, and is not looked at again before it can be no more; then it is ended.
 */
export const claimNext = async (
  drive: Drive,
  concurrency: number,
  isMine: (id: RunId) => boolean,
  left: LeftRuns,
): Promise<Run | null> => {
  for (;;) {
    const now = drive.clock.now();
    for (const [id, until] of left) if (until <= now) left.delete(id);
    const known = left.size;
    const candidates = await drive.stores.runs.findClaimable(now, concurrency, [...left.keys()]);
    for (const id of candidates) {
      if (isMine(id)) continue;
      const claimed = await claimOrLeave(drive, id, left);
      if (claimed !== null) return claimed;
    }
    // Others may stand behind those that were left just now.
    if (left.size === known) return null;
  }
};

const claimOrLeave = async (drive: Drive, id: RunId, left: LeftRuns): Promise<Run | null> => {
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
    if (until === null) return run;
    left.set(id, until);
    drive.logger.warn({ runId: id, executor: run.executor, until }, 'a run is left to servers with its executor');
  } catch (error) {
    if (!isDomainError(error, 'conflict') && !isDomainError(error, 'not_found')) throw error;
  }
  return null;
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
