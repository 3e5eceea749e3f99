/** All places of a world. They outlive the servers, which reach them by calls that can go wrong. */
import { DomainError, isDomainError } from '../../../../src/core/errors.ts';
import type { EndReason, Offset } from '../../../../src/core/run.ts';
import type { Execution, Executor, FileOut, Job, OutputChunk, StartWatch } from '../../../../src/ports/executor.ts';
import type { Chance } from './chance.ts';
import { openPlace, type Place, type PlaceStep } from './place.ts';
import { crash, type FaultRates, type ServerProcess } from './server-process.ts';
import type { Timeline } from './timeline.ts';

export interface Places {
  /** Those that are there. */
  readonly present: Map<string, Place>;
  /** All that ever were. */
  readonly ever: Map<string, Place>;
  /** Attempts that were not started, as was said of them. */
  readonly refused: Set<string>;
  /** Makes one vanish, as a reboot does. */
  lose(ref: string): void;
  /** Refuses new jobs until an instant. */
  refuseUntil(instant: number): void;
  /** The executor as one server sees it. */
  seenBy(server: ServerProcess): Executor;
}

export interface PlaceWatch {
  opened(place: Place, others: readonly Place[]): void;
  killing(place: Place, reason: EndReason): void;
  prepared(server: ServerProcess, job: Job, begunAt: number): void;
}

interface PlacesOptions {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly rates: FaultRates;
  readonly faulty: () => boolean;
  readonly script: (job: Job) => readonly PlaceStep[];
  readonly watch: PlaceWatch;
}

const encoder = new TextEncoder();

async function* noFiles(): AsyncGenerator<FileOut> {}

export const createPlaces = (options: PlacesOptions): Places => {
  const { timeline, chance, rates, faulty, script, watch } = options;
  const present = new Map<string, Place>();
  const ever = new Map<string, Place>();
  const refused = new Set<string>();
  let refusing = 0;

  async function* output(server: ServerProcess, place: Place, from: Offset): AsyncGenerator<OutputChunk> {
    let next = from;
    for (;;) {
      await server.gate();
      if (faulty() && chance.of(rates.before / 2)) throw crash();
      const over = place.exit !== null;
      let moved = false;
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = place.text[stream].slice(next[stream]);
        if (rest === '') continue;
        const bytes = encoder.encode(chance.of(0.3) ? rest.slice(0, chance.int(1, rest.length)) : rest);
        next = { ...next, [stream]: next[stream] + bytes.length };
        moved = true;
        yield { stream, bytes, next };
      }
      if (moved) continue;
      if (over) return;
      await place.changed();
    }
  }
  const executionOf = (server: ServerProcess, place: Place): Execution => ({
    ref: place.ref,
    output: (from) => output(server, place, from),
    exit: place.ended.then(async (exit) => {
      await server.gate();
      return exit;
    }),
    kill: (reason) =>
      server.call(rates, crash, async () => {
        if (place.exit !== null) return;
        watch.killing(place, reason);
        place.end({ signal: 'SIGKILL' }, reason);
      }),
    files: noFiles,
    release: () =>
      server.call(rates, crash, async () => {
        place.end({ lost: true });
        present.delete(place.ref);
      }),
  });
  const startPlace = (job: Job): Place => {
    const ref = `${job.runId}/${job.attempt}`;
    const known = present.get(ref);
    if (known !== undefined) return known;
    if (ever.has(ref)) throw new DomainError('place_failed', `Place ${ref} is gone.`);
    const later = [...ever.values()].some((other) => other.job.runId === job.runId && other.job.attempt > job.attempt);
    if (later) throw new DomainError('conflict', `Place ${ref} comes after a later attempt.`);
    if (timeline.now() < refusing) throw new DomainError('place_unavailable', 'No room.');
    if (faulty() && chance.of(0.01)) throw new DomainError('isolation_unavailable', 'No walls.');
    const place = openPlace(timeline, ref, job, script(job));
    watch.opened(
      place,
      [...present.values()].filter((other) => other.job.runId === job.runId),
    );
    present.set(ref, place);
    ever.set(ref, place);
    return place;
  };
  const release = async (isOver: (place: Place) => Promise<boolean>): Promise<number> => {
    let released = 0;
    for (const place of [...present.values()]) {
      if (!(await isOver(place))) continue;
      place.end({ lost: true });
      present.delete(place.ref);
      released += 1;
    }
    return released;
  };

  /** What a place needs before its program starts. An installation that is there takes no time. */
  const prepare = async (server: ServerProcess, job: Job, startWatch: StartWatch): Promise<void> => {
    const begunAt = timeline.now();
    await startWatch.note({
      type: 'run.preparing',
      data: { step: 'packages', status: 'started', detail: '', durationMs: null },
    });
    await server.clock.sleep(chance.of(0.2) ? 0 : chance.int(100, 40_000), startWatch.signal);
    if (startWatch.signal.aborted) throw new DomainError('start_aborted', 'The preparation was broken off.');
    if (job.packages.includes('broken')) throw new DomainError('packages_failed', 'No such package.');
    watch.prepared(server, job, begunAt);
    await startWatch.confirm();
  };
  const start = async (server: ServerProcess, job: Job, startWatch?: StartWatch): Promise<Execution> => {
    const ref = `${job.runId}/${job.attempt}`;
    try {
      if (startWatch !== undefined && !present.has(ref)) await prepare(server, job, startWatch);
      return executionOf(server, startPlace(job));
    } catch (error) {
      // Started meanwhile by somebody who has lost the lease, and does not know it yet.
      const found = present.get(ref);
      if (found !== undefined) return executionOf(server, found);
      const says = isDomainError(error, 'place_unavailable') || isDomainError(error, 'isolation_unavailable');
      if (says) refused.add(ref);
      throw error;
    }
  };

  return {
    present,
    ever,
    refused,
    lose: (ref) => {
      const place = present.get(ref);
      if (place === undefined) return;
      place.gone = true;
      place.end({ lost: true });
      present.delete(ref);
    },
    refuseUntil: (instant) => {
      refusing = instant;
    },
    seenBy: (server) => ({
      name: 'simulated',
      traits: { enforcesEgress: true, startsSlowly: false },
      check: async () => ({ ready: true, findings: [] }),
      start: (job, startWatch) => server.call(rates, crash, () => start(server, job, startWatch)),
      attach: (ref) =>
        server.call(rates, crash, async () => {
          const place = present.get(ref);
          return place === undefined ? null : executionOf(server, place);
        }),
      sweep: (isOver) => server.call(rates, crash, () => release((place) => isOver(place.job.runId))),
    }),
  };
};
