/** Places that follow a script in virtual time. They outlive the workers that drive them, as real ones do. */
import { DomainError } from '../../../src/core/errors.ts';
import type { EndReason, LimitHit, Offset } from '../../../src/core/run.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Execution, Executor, Exit, FileOut, Job, OutputChunk, StartWatch } from '../../../src/ports/executor.ts';

/** What a place does, step by step. */
export type Step =
  | { readonly wait: number }
  | { readonly print: string }
  | { readonly complain: string }
  | { readonly exit: number; readonly limitsHit?: readonly LimitHit[] };

interface Place {
  readonly job: Job;
  stdout: string;
  stderr: string;
  exit: Exit | null;
  endedBy: EndReason | null;
}

export interface SimulatedExecutor extends Executor {
  readonly places: Map<string, Place>;
  /** How often each ref was really started. */
  readonly starts: Map<string, number>;
  /** Makes a place vanish, as a reboot does. */
  lose(ref: string): void;
  /** The next start fails with this. */
  failNext(error: Error): void;
}

const POLL_MS = 10;
/** Longer than a lease. */
const INSTALL_MS = 60_000;
const encoder = new TextEncoder();

/** @param script what the place of a job does; a script that ends without an exit hangs until it is killed */
export const createSimulatedExecutor = (clock: Clock, script: (job: Job) => readonly Step[]): SimulatedExecutor => {
  const places = new Map<string, Place>();
  const starts = new Map<string, number>();
  const failures: Error[] = [];

  const end = (place: Place, exit: Partial<Exit>): void => {
    place.exit ??= { code: null, signal: null, endedBy: place.endedBy, limitsHit: [], lost: false, ...exit };
  };
  const play = async (place: Place): Promise<void> => {
    for (const step of script(place.job)) {
      if ('wait' in step) await clock.sleep(step.wait);
      if (place.exit !== null) return;
      if ('print' in step) place.stdout += `${step.print}\n`;
      if ('complain' in step) place.stderr += `${step.complain}\n`;
      if ('exit' in step) end(place, { code: step.exit, limitsHit: step.limitsHit ?? [] });
    }
  };
  const ended = async (place: Place): Promise<Exit> => {
    for (;;) {
      if (place.exit !== null) return place.exit;
      await clock.sleep(POLL_MS);
    }
  };
  async function* output(place: Place, from: Offset): AsyncGenerator<OutputChunk> {
    let next = from;
    for (;;) {
      const over = place.exit !== null;
      for (const stream of ['stdout', 'stderr'] as const) {
        const bytes = encoder.encode(place[stream]).subarray(next[stream]);
        if (bytes.length === 0) continue;
        next = { ...next, [stream]: next[stream] + bytes.length };
        yield { stream, bytes, next };
      }
      if (over) return;
      await clock.sleep(POLL_MS);
    }
  }
  const prepare = async (job: Job, watch: StartWatch | undefined): Promise<void> => {
    for (const name of job.packages) {
      const event = { step: 'packages', status: 'started', detail: name, durationMs: null } as const;
      await watch?.note({ type: 'run.preparing', data: event });
      if (name === 'broken') throw new DomainError('packages_failed', 'No such package.', { hint: 'Name another.' });
      await clock.sleep(INSTALL_MS, watch?.signal);
      if (watch?.signal.aborted === true) throw new DomainError('start_aborted', 'The installation was broken off.');
      await watch?.note({ type: 'run.preparing', data: { ...event, status: 'done', durationMs: INSTALL_MS } });
    }
  };
  async function* noFiles(): AsyncGenerator<FileOut> {}

  const executionOf = (ref: string, place: Place): Execution => ({
    ref,
    output: (from) => output(place, from),
    exit: ended(place),
    kill: async (reason) => {
      if (place.exit !== null) return;
      place.endedBy ??= reason;
      end(place, { signal: 'SIGKILL' });
    },
    files: noFiles,
    release: async () => {
      places.delete(ref);
    },
  });

  return {
    name: 'simulated',
    traits: { enforcesEgress: true, startsSlowly: false },
    places,
    starts,
    lose: (ref) => {
      const place = places.get(ref);
      if (place !== undefined) end(place, { lost: true });
      places.delete(ref);
    },
    failNext: (error) => failures.push(error),
    check: async () => ({ ready: true, findings: [] }),
    start: async (job, watch) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      const ref = `${job.runId}/${job.attempt}`;
      const known = places.get(ref);
      if (known !== undefined) return executionOf(ref, known);
      if (starts.has(ref)) throw new DomainError('place_failed', `Place ${ref} was released.`);
      await prepare(job, watch);
      await watch?.confirm();
      const place: Place = { job, stdout: '', stderr: '', exit: null, endedBy: null };
      places.set(ref, place);
      starts.set(ref, (starts.get(ref) ?? 0) + 1);
      void play(place);
      return executionOf(ref, place);
    },
    attach: async (ref) => {
      const place = places.get(ref);
      return place === undefined ? null : executionOf(ref, place);
    },
    sweep: async (isOver) => {
      let released = 0;
      for (const [ref, place] of [...places]) {
        if (!(await isOver(place.job.runId))) continue;
        places.delete(ref);
        released += 1;
      }
      return released;
    },
  };
};
