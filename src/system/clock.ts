import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../ports/clock.ts';

/** setTimeout counts in 31 bits; longer sleeps are made of several. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const sleepOnce = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });

/** The machine's time. */
export const createSystemClock = (): Clock => ({
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    for (let left = ms; left > 0 && signal?.aborted !== true; left -= MAX_TIMER_MS) {
      await sleepOnce(Math.min(left, MAX_TIMER_MS), signal);
    }
  },
});

/** The machine's randomness, fit for secrets. */
export const createSystemRandom = (): Random => ({
  bytes: (count) => randomBytes(count),
  float: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
});
