/** Wakes who waits for a directory to change. */
import { type FSWatcher, watch } from 'node:fs';
import type { Clock } from '../../ports/clock.ts';

export interface Bell {
  /** Resolves at a change since the last `wait`, at `ring`, or after `ms`. */
  wait(ms: number): Promise<void>;
  ring(): void;
  close(): void;
}

const RUNG = 'rung';

/** A hint only: where the kernel has no watch left to give, the time alone wakes. */
export const openBell = (dir: string, clock: Clock): Bell => {
  let rung = false;
  let wake: AbortController | null = null;
  const ring = () => {
    rung = true;
    // With a reason of its own: the one that is made otherwise has a stack, which costs more than the wake.
    wake?.abort(RUNG);
  };
  const watcher = watchOrNull(dir, ring);
  return {
    wait: async (ms) => {
      if (!rung) {
        wake = new AbortController();
        await clock.sleep(ms, wake.signal);
        wake = null;
      }
      rung = false;
    },
    ring,
    close: () => watcher?.close(),
  };
};

const watchOrNull = (dir: string, onChange: () => void): FSWatcher | null => {
  try {
    const watcher = watch(dir, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
};
