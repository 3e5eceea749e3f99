/** A whole engine in virtual time over a real database: any number of workers, one place to run in. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEvent } from '../../../src/core/events.ts';
import type { RunId } from '../../../src/core/ids.ts';
import { isTerminal, type Run } from '../../../src/core/run.ts';
import { DEFAULT_PACE, type Drive } from '../../../src/engine/deps.ts';
import { createLocalNotifier } from '../../../src/engine/local-notifier.ts';
import { submitRun } from '../../../src/engine/submit-run.ts';
import { createWorker, type Worker } from '../../../src/engine/worker.ts';
import type { ArtifactStore } from '../../../src/ports/artifact-store.ts';
import type { Random } from '../../../src/ports/clock.ts';
import type { Job } from '../../../src/ports/executor.ts';
import type { Gateway } from '../../../src/ports/gateway.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import type { Stores } from '../../../src/ports/stores.ts';
import { openSqliteStores } from '../../../src/stores/sqlite/open.ts';
import { nextFiring } from '../../../src/system/schedule.ts';
import { ALICE, task } from '../../contracts/stores/fixtures.ts';
import { createFrost, dieAt } from './mortality.ts';
import { createSimulatedExecutor, type SimulatedExecutor, type Step } from './simulated-executor.ts';
import { createSimulatedHarness } from './simulated-harness.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface World {
  readonly clock: VirtualClock;
  readonly stores: Stores;
  readonly executor: SimulatedExecutor;
  readonly drive: Drive;
  /** Runs whose way to the model is open. */
  readonly openWays: Set<RunId>;
  /** What was logged as a warning or an error. */
  readonly complaints: string[];
  /** Another process over the same database and the same places. */
  spawn(options?: { readonly concurrency?: number }): Worker;
  /** One that dies at its `calls`-th call to the outside: just before it, or just after it took effect. */
  spawnMortal(calls: number, when: 'before' | 'after'): Mortal;
  /** One whose calls to the outside wait while it is frozen, and then go on as if no time had passed. */
  spawnFreezing(): { readonly worker: Worker; freeze(): void; thaw(): void };
  submit(overrides?: Partial<Parameters<typeof submitRun>[1]> & { prompt?: string }): Promise<Run>;
  /** Lets time pass until the run is over, then gives it and its events. */
  finish(id: RunId): Promise<{ run: Run; events: RunEvent[] }>;
  close(): Promise<void>;
}

export interface Mortal {
  readonly worker: Worker;
  /** True when it has made that call. */
  dead(): boolean;
}

const countingRandom = (): Random => {
  let count = 0;
  return {
    bytes: (length) => {
      count += 1;
      return createHash('sha256').update(String(count)).digest().subarray(0, length);
    },
    float: () => 0.5,
  };
};

const memoryArtifacts = (): ArtifactStore => {
  const blobs = new Map<string, Uint8Array[]>();
  return {
    put: async (run, name, content) => {
      const parts: Uint8Array[] = [];
      for await (const part of content) parts.push(part);
      blobs.set(`${run}/${name}`, parts);
      return parts.reduce((sum, part) => sum + part.length, 0);
    },
    get: async (run, name) => {
      const parts = blobs.get(`${run}/${name}`);
      if (parts === undefined) return null;
      async function* read(): AsyncGenerator<Uint8Array> {
        yield* parts ?? [];
      }
      return { size: parts.reduce((sum, part) => sum + part.length, 0), read };
    },
    remove: async (run) => {
      for (const key of blobs.keys()) if (key.startsWith(`${run}/`)) blobs.delete(key);
    },
  };
};

const openGateway = (ways: Set<RunId>): Gateway => ({
  open: async (run) => {
    ways.add(run.id);
    return {
      env: {},
      socketDir: null,
      close: async () => {
        ways.delete(run.id);
      },
    };
  },
  start: async () => undefined,
  stop: async () => undefined,
});

const collectingLogger = (lines: string[]): Logger => {
  const keep = (fields: object, message: string): void => {
    const cause = 'err' in fields && fields.err instanceof Error ? `: ${fields.err.message}` : '';
    lines.push(`${message}${cause}`);
  };
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: keep,
    error: keep,
    child: () => logger,
  };
  return logger;
};

/** @param script what the place of each job does */
export const openWorld = async (script: (job: Job) => readonly Step[]): Promise<World> => {
  const clock = createVirtualClock();
  const folder = await mkdtemp(join(tmpdir(), 'slipway-world-'));
  const stores = await openSqliteStores({ path: join(folder, 'slipway.db') });
  const executor = createSimulatedExecutor(clock, script);
  const openWays = new Set<RunId>();
  const complaints: string[] = [];
  const drive: Drive = {
    stores,
    clock,
    random: countingRandom(),
    notifier: createLocalNotifier(),
    artifacts: memoryArtifacts(),
    logger: collectingLogger(complaints),
    executorName: executor.name,
    turnPlace: async () => executor.name,
    nextFiring,
    checkTask: () => [],
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    executor,
    harness: createSimulatedHarness(),
    gateway: openGateway(openWays),
    beside: null,
    metrics: { finished: () => undefined },
    concluded: async () => undefined,
    held: null,
    diff: () => '',
    holder: 'first',
    pace: DEFAULT_PACE,
  };
  let workers = 0;
  return {
    clock,
    stores,
    executor,
    drive,
    openWays,
    complaints,
    spawn: ({ concurrency = 8 } = {}) => {
      workers += 1;
      // Processes do not hear each other: each has word of its own.
      return createWorker({ ...drive, notifier: createLocalNotifier(), holder: `worker-${workers}` }, concurrency);
    },
    spawnMortal: (calls, when) => {
      workers += 1;
      const life = { left: calls, when };
      const mortal: Drive = {
        ...drive,
        notifier: createLocalNotifier(),
        holder: `mortal-${workers}`,
        stores: { ...stores, runs: dieAt(stores.runs, life) },
        executor: dieAt(executor, life),
        artifacts: dieAt(drive.artifacts, life),
      };
      return { worker: createWorker(mortal, 8), dead: () => life.left < 0 };
    },
    spawnFreezing: () => {
      workers += 1;
      const frost = createFrost();
      const slow: Drive = {
        ...drive,
        notifier: createLocalNotifier(),
        holder: `slow-${workers}`,
        stores: { ...stores, runs: frost.over(stores.runs) },
        executor: frost.over(executor),
      };
      return { worker: createWorker(slow, 8), freeze: frost.freeze, thaw: frost.thaw };
    },
    submit: ({ prompt, ...overrides } = {}) =>
      submitRun(drive, {
        userId: ALICE,
        task: task(prompt === undefined ? {} : { prompt }),
        agent: null,
        trigger: { kind: 'manual', firedFor: null },
        ...overrides,
      }),
    finish: async (id) => {
      const read = () => stores.runs.get(id);
      await clock.until(async () => {
        const run = await read();
        return run !== null && isTerminal(run);
      });
      const run = await read();
      if (run === null) throw new Error(`Run ${id} is gone.`);
      return { run, events: await stores.runs.events(id, 0, 100_000) };
    },
    close: async () => {
      await stores.close();
      await rm(folder, { recursive: true });
    },
  };
};
