import type { Clock } from '../ports/clock.ts';

/** A bell for one waiter: rung while nobody waits, it ends the next wait at once. */
export interface Wake {
  ring(): void;
  /** Forgets earlier rings. */
  reset(): void;
  /** Resolves after `ms`, or as soon as the bell is rung. */
  wait(ms: number): Promise<void>;
}

const RUNG = 'rung';

export const createWake = (clock: Clock): Wake => {
  let rung = false;
  let waiting: AbortController | null = null;
  return {
    ring: () => {
      rung = true;
      // With a reason of its own: the one that is made otherwise has a stack, which costs more than the wake.
      waiting?.abort(RUNG);
    },
    reset: () => {
      rung = false;
    },
    wait: async (ms) => {
      if (rung) return;
      waiting = new AbortController();
      await clock.sleep(ms, waiting.signal);
      waiting = null;
    },
  };
};
