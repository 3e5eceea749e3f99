/** A clock that a test moves. Whoever sleeps is woken when the time has come, or when its signal aborts. */
import type { Clock } from '../../../src/ports/clock.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

export interface HandClock extends Clock {
  /** Moves the time on and wakes whoever is due. */
  advance(ms: number): void;
  /** How many are asleep for `ms` or longer. */
  sleepers(ms: number): number;
}

export const createHandClock = (): HandClock => {
  let now = Date.parse('2026-03-01T12:00:00.000Z');
  const sleepers = new Set<Sleeper & { readonly ms: number }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = {
          ms,
          until: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake);
      }),
    advance: (ms) => {
      now += ms;
      for (const sleeper of [...sleepers]) if (sleeper.until <= now) sleeper.wake();
    },
    sleepers: (ms) => [...sleepers].filter((sleeper) => sleeper.ms >= ms).length,
  };
};
