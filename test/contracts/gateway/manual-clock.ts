/** A clock that stands still until it is told to go on. */
import type { Clock } from '../../../src/ports/clock.ts';

export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export const createManualClock = (): ManualClock => {
  let now = 1_700_000_000_000;
  const sleepers = new Set<() => void>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const due = now + ms;
        const wake = (): void => {
          if (now < due && signal?.aborted !== true) return;
          sleepers.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        sleepers.add(wake);
        signal?.addEventListener('abort', wake);
        wake();
      }),
    advance(ms) {
      now += ms;
      for (const wake of [...sleepers]) wake();
    },
  };
};
