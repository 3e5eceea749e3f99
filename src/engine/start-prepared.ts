/**
 * Starts a job whose place has to be prepared first. That can take minutes: the lease is kept meanwhile, and the wish to
 * end the run ends the preparation. Any other job starts in milliseconds and is spared the extra commit.
 */
import { requireInTime, requireLease } from '../core/decision.ts';
import { DomainError, isDomainError } from '../core/errors.ts';
import type { EventDraft } from '../core/events.ts';
import type { Run } from '../core/run.ts';
import { note, renew } from '../core/transitions.ts';
import type { Execution, Job } from '../ports/executor.ts';
import { decideRun } from './decide-run.ts';
import type { Drive } from './deps.ts';
import { firstOfSignals } from './first-of-signals.ts';
import { keepLease } from './keep-lease.ts';

/** Throws as `Executor.start` does; `lease_lost` when another process has the run meanwhile. */
export const startPrepared = async (drive: Drive, run: Run, job: Job, drain: AbortSignal): Promise<Execution> => {
  const over = new AbortController();
  const stop = new AbortController();
  const lease = keepLease(drive, run, async () => stop.abort(), over.signal);
  const write = async (event: EventDraft): Promise<void> => {
    try {
      await decideRun(drive, run.id, (current) => {
        requireLease(current, run.leaseToken);
        return note(current, [event], drive.clock.now());
      });
    } catch (error) {
      // A store that is away for a moment costs an event of the log, and not an installation of minutes.
      drive.logger.warn({ err: error, runId: run.id }, 'a step of the preparation could not be written down');
    }
  };
  /** By a renewal, so that nobody else can begin before the program has been started. */
  const confirm = async (): Promise<void> => {
    const current = await decideRun(drive, run.id, (fresh) =>
      renew(fresh, run.leaseToken, drive.pace.leaseMs, drive.clock.now()),
    );
    // Of the answer, too, somebody may have waited for longer than the lease lasts.
    requireInTime(current, drive.clock.now());
    if (current.stop === null) return;
    throw new DomainError('start_aborted', `Run ${run.id} is to end (${current.stop.reason}).`);
  };
  const abort = firstOfSignals([drain, lease.lost, stop.signal]);
  try {
    return await drive.executor.start(job, { signal: abort.signal, note: write, confirm });
  } catch (error) {
    if (lease.lost.aborted && isDomainError(error, 'start_aborted')) {
      throw new DomainError('lease_lost', `Run ${run.id} went on elsewhere while it was prepared.`, { cause: error });
    }
    throw error;
  } finally {
    abort.release();
    // Before anybody decides about the run: a renewal that is under way would come in between.
    over.abort();
    await lease.done;
  }
};
