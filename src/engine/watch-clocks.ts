/** Watches a running execution's two clocks: the wall clock from its start, and its silence. */

import { isDomainError } from '../core/errors.ts';
import type { EndReason, Run } from '../core/run.ts';
import { startedAt } from '../core/run.ts';
import type { Drive } from './deps.ts';
import { stopRun } from './request-stop.ts';

/**
 * A process that wakes later than this was stopped itself, or its clock was set; one that wakes earlier had its clock
 * set back. What it did not hear meanwhile was no silence, and time that nobody can vouch for does not bring the
 * deadline nearer: the place counts the deadline too, by a clock that is never set.
 */
const OVERSLEPT_MS = 2_000;
/** Slept in short naps, so that this shows whenever it was. */
const NAP_MS = 1_000;

export interface ClockWatch {
  /** The execution gave a sign of life. */
  heard(): void;
  /** Resolves after `over` has aborted, or when a clock has run out. */
  readonly done: Promise<void>;
}

/** Asks for the run's end when a clock runs out, unless it has ended: `exit` resolves then. Who takes over a run gives it a fresh silence, but not a fresh deadline. */
export const watchClocks = (drive: Drive, run: Run, exit: Promise<unknown>, over: AbortSignal): ClockWatch => {
  const { timeoutSeconds, idleSeconds } = run.task.limits;
  let deadlineAt = (startedAt(run) ?? drive.clock.now()) + timeoutSeconds * 1_000;
  let heardAt = drive.clock.now();

  const due = (): { readonly at: number; readonly reason: EndReason; readonly detail: string } => {
    const idleAt = heardAt + idleSeconds * 1_000;
    return deadlineAt <= idleAt
      ? { at: deadlineAt, reason: 'deadline', detail: `${timeoutSeconds} seconds` }
      : { at: idleAt, reason: 'idle', detail: `silent for ${idleSeconds} seconds` };
  };

  // Whatever has ended by itself ran into no clock, however late that is noticed.
  let ended = false;
  void exit.then(() => {
    ended = true;
  });

  const loop = async (): Promise<void> => {
    // Overdue from the start: it may have ended in time, while nobody watched, and its exit is not read yet.
    if (due().at <= drive.clock.now()) await drive.clock.sleep(NAP_MS, over);
    while (!over.aborted && !ended) {
      const next = due();
      const wait = next.at - drive.clock.now();
      if (wait > 0) {
        const nap = Math.min(wait, NAP_MS);
        const wakeAt = drive.clock.now() + nap;
        await drive.clock.sleep(nap, over);
        const drift = drive.clock.now() - wakeAt;
        if (Math.abs(drift) > OVERSLEPT_MS && !over.aborted) {
          heardAt = drive.clock.now();
          deadlineAt += drift;
        }
        continue;
      }
      try {
        await stopRun(drive, run.id, next.reason, next.detail, run.leaseToken);
        return;
      } catch (error) {
        if (isDomainError(error, 'lease_lost')) return;
        drive.logger.warn({ err: error, runId: run.id }, 'a limit was reached and could not be written down yet');
        await drive.clock.sleep(drive.pace.pollMs, over);
      }
    }
  };

  return {
    heard: () => {
      heardAt = drive.clock.now();
    },
    done: loop(),
  };
};
