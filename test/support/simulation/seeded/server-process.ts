/** A server as the rest of the world sees it: it can be killed, stopped for a while, and its calls go wrong. */
import { DomainError } from '../../../../src/core/errors.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

/** How likely each fault is at a call. */
export interface FaultRates {
  /** Fails, and nothing was done. */
  readonly before: number;
  /** Is done, and its answer is lost. */
  readonly after: number;
  /** Takes long, before or after it is done. */
  readonly slow: number;
}

export interface ServerProcess {
  readonly name: string;
  /** Its own view of time: a process that is killed or stopped hears no bell. */
  readonly clock: Clock;
  kill(): void;
  freeze(): void;
  thaw(): void;
  alive(): boolean;
  /** Nothing that it says to the database arrives until `mend`. */
  cutOff(): void;
  mend(): void;
  /** The longest time for which it was cut off, in milliseconds. */
  longestCutMs(): number;
  /** Resolves when the database can be reached, or never. */
  connected(): Promise<void>;
  /** Resolves at once, when the process is thawed, or never. */
  gate(): Promise<void>;
  /** Makes a call to the outside; what was sent goes on even if the process dies. */
  call<Answer>(rates: FaultRates, failure: () => Error, act: () => Promise<Answer>): Promise<Answer>;
}

const forever = new Promise<never>(() => undefined);

export const storeFailure = (): Error => new DomainError('store_unavailable', 'The database does not answer.');
export const crash = (): Error => new Error('The executor broke.');

/** @param faulty whether faults happen at present */
export const createServerProcess = (
  name: string,
  timeline: Timeline,
  chance: Chance,
  faulty: () => boolean,
): ServerProcess => {
  let alive = true;
  let frozen: PromiseWithResolvers<void> | null = null;
  let cut: { readonly since: number; readonly mended: PromiseWithResolvers<void> } | null = null;
  let longestCut = 0;

  const gate = async (): Promise<void> => {
    while (alive && frozen !== null) await frozen.promise;
    if (!alive) await forever;
  };
  const call = async <Answer>(rates: FaultRates, failure: () => Error, act: () => Promise<Answer>): Promise<Answer> => {
    if (!alive || frozen !== null) await gate();
    const dice = faulty() ? chance.float() : 1;
    const slow = dice < rates.slow ? chance.int(1, chance.of(0.1) ? 12_000 : 1_500) : 0;
    const slowFirst = slow > 0 && chance.of(0.5);
    if (slow > 0 && slowFirst) await timeline.sleep(slow);
    if (dice > 1 - rates.before && dice < 1) throw failure();
    const answer = await act();
    if (slow > 0 && !slowFirst) await timeline.sleep(slow);
    if (!alive || frozen !== null) await gate();
    if (dice > 1 - rates.before - rates.after && dice < 1) throw failure();
    return answer;
  };
  return {
    name,
    clock: {
      now: timeline.now,
      sleep: async (ms, signal) => {
        await timeline.sleep(ms, signal);
        if (!alive || frozen !== null) await gate();
      },
    },
    kill: () => {
      alive = false;
    },
    freeze: () => {
      frozen ??= Promise.withResolvers();
    },
    thaw: () => {
      frozen?.resolve();
      frozen = null;
    },
    cutOff: () => {
      cut ??= { since: timeline.now(), mended: Promise.withResolvers() };
    },
    mend: () => {
      if (cut !== null) longestCut = Math.max(longestCut, timeline.now() - cut.since);
      cut?.mended.resolve();
      cut = null;
    },
    longestCutMs: () => longestCut,
    connected: async () => {
      while (alive && cut !== null) await cut.mended.promise;
      if (!alive) await forever;
    },
    alive: () => alive,
    gate,
    call,
  };
};
