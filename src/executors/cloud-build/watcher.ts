/**
 * Knows the status of all live builds by one list of builds a tick, not by a call for each: the quota counts calls.
 * Builds are listed newest first, so the list is read only as far as the oldest that is watched.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { COMMON_TAG } from './names.ts';
import { type BuildStatus, buildStatus, isFinal } from './status.ts';
import type { Build } from './translate.ts';
import type { Google } from './transport.ts';

export interface Sight {
  readonly status: BuildStatus;
  readonly detail: string | null;
}

export interface Watcher {
  /** Calls `seen` at each change of status, until the final one or until the returned function is called. */
  watch(id: string, seen: (sight: Sight) => void): () => void;
  /** Somebody else knows that something has changed: look at once. */
  nudge(): void;
  /** One look at all that is watched; returns how many calls it took. */
  tick(): Promise<number>;
}

export interface WatcherPace {
  /** Between two looks, at least. */
  readonly tickMs: number;
  /** Calls a minute that may be spent. */
  readonly callsPerMinute: number;
}

/** Half of what is known of the quota, so that starts and cancels have room. */
export const DEFAULT_WATCHER_PACE: WatcherPace = { tickMs: 1_000, callsPerMinute: 120 };

const MISSES = 3;

interface Watched {
  readonly listeners: Set<(sight: Sight) => void>;
  status: BuildStatus | null;
  misses: number;
}

export const createWatcher = (
  google: Pick<Google, 'page' | 'get'>,
  clock: Clock,
  logger: Logger,
  pace: WatcherPace = DEFAULT_WATCHER_PACE,
): Watcher => {
  const watched = new Map<string, Watched>();
  let looping = false;
  let sleeping: AbortController | null = null;

  const tell = (id: string, status: BuildStatus, detail: string | null): void => {
    const one = watched.get(id);
    if (one === undefined || one.status === status) return;
    one.status = status;
    if (isFinal(status)) watched.delete(id);
    for (const listener of one.listeners) listener({ status, detail });
  };

  const tick = async (): Promise<number> => {
    const missing = new Set(watched.keys());
    let calls = 0;
    let token: string | null = null;
    do {
      const page: { builds: readonly Build[]; next: string | null } = await google.page(`tags="${COMMON_TAG}"`, token);
      calls += 1;
      for (const { id, status, statusDetail } of page.builds) {
        if (typeof id !== 'string' || !missing.delete(id)) continue;
        const one = watched.get(id);
        if (one !== undefined) one.misses = 0;
        tell(id, buildStatus(status), statusDetail ?? null);
      }
      token = page.next;
    } while (token !== null && missing.size > 0);
    // Not on the list: new builds may take a moment to get there. Asked for by name before it is believed.
    for (const id of missing) {
      const one = watched.get(id);
      if (one === undefined) continue;
      one.misses += 1;
      if (one.misses < MISSES) continue;
      calls += 1;
      const build = await google.get(id);
      one.misses = 0;
      if (build === null) tell(id, 'VANISHED', null);
      else tell(id, buildStatus(build.status), build.statusDetail ?? null);
    }
    return calls;
  };

  const loop = async (): Promise<void> => {
    if (looping) return;
    looping = true;
    while (watched.size > 0) {
      const calls = await tick().catch((error: unknown) => {
        logger.warn({ err: error }, 'the status of builds could not be read; it is tried again');
        return 1;
      });
      sleeping = new AbortController();
      await clock.sleep(Math.max(pace.tickMs, (calls * 60_000) / pace.callsPerMinute), sleeping.signal);
    }
    looping = false;
  };

  return {
    watch: (id, seen) => {
      const one = watched.get(id) ?? { listeners: new Set(), status: null, misses: 0 };
      watched.set(id, one);
      one.listeners.add(seen);
      if (one.status !== null) seen({ status: one.status, detail: null });
      void loop();
      return () => {
        one.listeners.delete(seen);
        if (one.listeners.size === 0 && watched.get(id) === one) watched.delete(id);
      };
    },
    nudge: () => sleeping?.abort(),
    tick,
  };
};
