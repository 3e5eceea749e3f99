/** Time that passes only when a test says so. */
import type { Clock } from '../../../src/ports/clock.ts';

interface Sleeper {
  at: number;
  readonly order: number;
  readonly wake: () => void;
}

export interface VirtualClock extends Clock {
  /** Lets `ms` pass: every sleeper that is due wakes in order, and what it sets off is done before the next one wakes. */
  advance(ms: number): Promise<void>;
  /** Lets time pass until `condition` holds, at most `ms`; throws when it never does. */
  until(condition: () => boolean | Promise<boolean>, ms?: number): Promise<void>;
  /** Lets everything that waits for no time be done. */
  settle(): Promise<void>;
  /** Somebody sets the clock by `ms`, back when negative. No time passes: whoever sleeps still sleeps as long. */
  set(ms: number): void;
}

export const createVirtualClock = (start = Date.UTC(2026, 0, 5, 9)): VirtualClock => {
  let now = start;
  let order = 0;
  const sleepers = new Set<Sleeper>();

  const settle = async (): Promise<void> => {
    // One turn of the event loop runs all microtasks; a few more reach what those have scheduled.
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const nextDue = (limit: number): Sleeper | null => {
    let first: Sleeper | null = null;
    for (const sleeper of sleepers) {
      if (sleeper.at > limit) continue;
      if (first === null || sleeper.at < first.at || (sleeper.at === first.at && sleeper.order < first.order)) {
        first = sleeper;
      }
    }
    return first;
  };
  const advance = async (ms: number): Promise<void> => {
    const limit = now + ms;
    await settle();
    for (let due = nextDue(limit); due !== null; due = nextDue(limit)) {
      now = Math.max(now, due.at);
      due.wake();
      await settle();
    }
    now = limit;
  };

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        order += 1;
        const sleeper: Sleeper = { at: now + Math.max(0, ms), order, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake);
      }),
    advance,
    until: async (condition, ms = 600_000) => {
      const limit = now + ms;
      await settle();
      while (!(await condition())) {
        const due = nextDue(limit);
        if (due === null) throw new Error(`The condition did not come true within ${ms} ms of virtual time.`);
        await advance(Math.max(0, due.at - now));
      }
    },
    settle,
    set: (ms) => {
      now += ms;
      for (const sleeper of sleepers) sleeper.at += ms;
    },
  };
};
