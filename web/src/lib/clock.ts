/** One clock for every relative time on the page: it ticks while somebody looks. */
import { useSyncExternalStore } from 'react';

interface Clock {
  readonly subscribe: (tell: () => void) => () => void;
  readonly read: () => number;
}

const createClock = (everyMs: number): Clock => {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | null = null;
  return {
    subscribe: (tell) => {
      listeners.add(tell);
      timer ??= setInterval(() => {
        now = Date.now();
        for (const listener of listeners) listener();
      }, everyMs);
      return () => {
        listeners.delete(tell);
        if (listeners.size > 0 || timer === null) return;
        clearInterval(timer);
        timer = null;
      };
    },
    read: () => {
      if (timer === null) now = Math.floor(Date.now() / everyMs) * everyMs;
      return now;
    },
  };
};

const slow = createClock(10_000);
const fast = createClock(500);
const still: Clock = { subscribe: () => () => undefined, read: () => 0 };

/** Milliseconds since the epoch, as of the last ten seconds. */
export const useSlowNow = (): number => useSyncExternalStore(slow.subscribe, slow.read);

/** The same, twice a second while `on`; 0 otherwise. */
export const useFastNow = (on: boolean): number => {
  const clock = on ? fast : still;
  return useSyncExternalStore(clock.subscribe, clock.read);
};
