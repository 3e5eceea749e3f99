/** Virtual time for thousands of worlds: cheap, because nothing in them waits for anything but this clock. */
import type { Clock } from '../../../../src/ports/clock.ts';

interface Sleeper {
  readonly at: number;
  wake: (() => void) | null;
}

export interface Timeline extends Clock {
  /** Does something at an instant. */
  at(instant: number, act: () => void): void;
  /** Lets time pass to `limit`, or until `enough`; what a sleeper sets off is done before the next one wakes. */
  run(limit: number, enough: () => boolean): Promise<void>;
}

/** No input or output is real here, so one turn of the event loop does everything that waits for no time. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const createTimeline = (start: number): Timeline => {
  let now = start;
  /** The latest first, so that the next one is popped off the end; of equals, the first to sleep wakes first. */
  const sleepers: Sleeper[] = [];

  const add = (at: number, wake: () => void): Sleeper => {
    const sleeper = { at, wake };
    let low = 0;
    let high = sleepers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sleepers[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    sleepers.splice(low, 0, sleeper);
    return sleeper;
  };

  return {
    now: () => now,
    sleep: (ms, signal) => {
      if (signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          sleeper.wake = null;
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = add(now + Math.max(0, ms), wake);
        signal?.addEventListener('abort', wake);
      });
    },
    at: (instant, act) => {
      add(instant, act);
    },
    run: async (limit, enough) => {
      await settle();
      while (!enough()) {
        const next = sleepers.pop();
        if (next === undefined) return;
        if (next.at > limit) {
          sleepers.push(next);
          now = limit;
          return;
        }
        if (next.wake === null) continue;
        now = Math.max(now, next.at);
        next.wake();
        await settle();
      }
    },
  };
};
