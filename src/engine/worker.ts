/**
 * Claims runs up to a number and drives each to its end.
 *
 * States: stopped ──start──▶ looking (a tick whenever a run was queued, one has ended, or `pollMs` have passed)
 * ──stop──▶ draining (claims nothing, hands its leases over; the executions go on) ──▶ stopped.
 */
import type { RunId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import { claimNext, type LeftRuns } from './claim-next.ts';
import type { Drive } from './deps.ts';
import { executeRun } from './execute-run.ts';
import { createWake } from './wake.ts';

export interface Worker {
  /** Claims what it can; returns how many runs it claimed. */
  tick(): Promise<number>;
  start(): void;
  /** Resolves when every lease is handed over. Idempotent. */
  stop(): Promise<void>;
  /** Resolves when nothing is being driven any more, or after `ms`. */
  settled(ms: number): Promise<void>;
  /** Runs that are being driven. */
  active(): number;
}

export const createWorker = (drive: Drive, concurrency: number): Worker => {
  const driving = new Map<RunId, Promise<void>>();
  const left: LeftRuns = new Map();
  const isMine = (id: RunId): boolean => driving.has(id);
  const wake = createWake(drive.clock);
  let drain = new AbortController();
  let loop: Promise<void> | null = null;

  const take = (run: Run): void => {
    const driven = executeRun(drive, run, drain.signal).finally(() => {
      driving.delete(run.id);
      wake.ring();
    });
    driving.set(run.id, driven);
  };

  const tick = async (): Promise<number> => {
    let claimed = 0;
    for (;;) {
      const room = concurrency - driving.size;
      if (room <= 0 || drain.signal.aborted) return claimed;
      const more = await claimNext(drive, { room, concurrency, isMine, left }, take);
      if (more === 0) return claimed;
      claimed += more;
    }
  };

  const run = async (): Promise<void> => {
    const unsubscribe = drive.notifier.onQueued(wake.ring);
    while (!drain.signal.aborted) {
      wake.reset();
      try {
        await tick();
      } catch (error) {
        drive.logger.error({ err: error }, 'claiming runs failed; it is tried again');
      }
      await wake.wait(drive.pace.pollMs);
    }
    unsubscribe();
  };

  return {
    tick,
    start: () => {
      if (loop !== null) return;
      drain = new AbortController();
      loop = run();
    },
    stop: async () => {
      drain.abort();
      wake.ring();
      await loop;
      loop = null;
      await Promise.all(driving.values());
    },
    settled: async (ms) => {
      const over = new AbortController();
      const empty = async (): Promise<void> => {
        while (driving.size > 0 && !over.signal.aborted) await Promise.race(driving.values());
        over.abort();
      };
      void empty();
      await drive.clock.sleep(ms, over.signal);
      over.abort();
    },
    active: () => driving.size,
  };
};
