/** Wakes who waits for files of a place to change. */
import { type FSWatcher, watch } from 'node:fs';
import type { Clock } from '../../ports/clock.ts';
import type { Place, PlaceFile } from './place.ts';

export interface Bell {
  /** Resolves at a change of the files since the last `wait`, at `ring`, or after `ms`. */
  wait(ms: number): Promise<void>;
  ring(): void;
  close(): void;
}

const RUNG = 'rung';

/**
 * A hint only: where the kernel has no watch left to give, the time alone wakes. Changes of other files do not: a job
 * that prints a thousand lines a second would have everybody look as often.
 */
export const openBell = ({ dir }: Pick<Place, 'dir'>, files: readonly PlaceFile[], clock: Clock): Bell => {
  let rung = false;
  let wake: AbortController | null = null;
  const ring = () => {
    rung = true;
    // With a reason of its own: the one that is made otherwise has a stack, which costs more than the wake.
    wake?.abort(RUNG);
  };
  const names: ReadonlySet<string> = new Set(files);
  const watcher = watchOrNull(dir, (name) => {
    if (name === null || names.has(name)) ring();
  });
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

const watchOrNull = (dir: string, onChange: (name: string | null) => void): FSWatcher | null => {
  try {
    const watcher = watch(dir, (_event, name) => onChange(name));
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
};
