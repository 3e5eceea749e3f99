/** Notices silence. */
import type { Clock } from '../ports/clock.ts';

export interface Watch {
  /** Something came. */
  touch(): void;
  /** Silence is our own wish from now on (a slow reader), until the next touch. */
  hold(): void;
  stop(): void;
}

/** Calls `onSilence` once, when nothing came for `limitMs`. */
export const startWatch = (clock: Clock, limitMs: number, onSilence: () => void): Watch => {
  const stopped = new AbortController();
  let since = clock.now();
  let held = false;
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const left = held ? limitMs : since + limitMs - clock.now();
      if (left <= 0) {
        stopped.abort();
        onSilence();
        return;
      }
      await clock.sleep(left, stopped.signal);
    }
  };
  void loop();
  return {
    touch() {
      since = clock.now();
      held = false;
    },
    hold() {
      held = true;
    },
    stop: () => stopped.abort(),
  };
};
