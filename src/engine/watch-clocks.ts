/** Watches a running execution's two clocks: the wall clock from its start, and its silence. */
import type { EndReason, Run } from '../core/run.ts';
import { startedAt } from '../core/run.ts';
import type { Drive } from './deps.ts';
import { stopRun } from './request-stop.ts';

export interface ClockWatch {
  /** The execution gave a sign of life. */
  heard(): void;
  /** Resolves after `over` has aborted, or when a clock has run out. */
  readonly done: Promise<void>;
}

/** Asks for the run's end when a clock runs out. Who takes over a run gives it a fresh silence, but not a fresh deadline. */
export const watchClocks = (drive: Drive, run: Run, over: AbortSignal): ClockWatch => {
  const { timeoutSeconds, idleSeconds } = run.task.limits;
  const deadlineAt = (startedAt(run) ?? drive.clock.now()) + timeoutSeconds * 1_000;
  let heardAt = drive.clock.now();

  const due = (): { readonly at: number; readonly reason: EndReason; readonly detail: string } => {
    const idleAt = heardAt + idleSeconds * 1_000;
    return deadlineAt <= idleAt
      ? { at: deadlineAt, reason: 'deadline', detail: `${timeoutSeconds} seconds` }
      : { at: idleAt, reason: 'idle', detail: `silent for ${idleSeconds} seconds` };
  };

  const loop = async (): Promise<void> => {
    while (!over.aborted) {
      const next = due();
      const wait = next.at - drive.clock.now();
      if (wait > 0) {
        await drive.clock.sleep(wait, over);
        continue;
      }
      try {
        await stopRun(drive, run.id, next.reason, next.detail);
        return;
      } catch (error) {
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
