/** The local executor with everything that prepares places, on a directory of its own, through the real egress proxy. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventDraft } from '../../../../src/core/events.ts';
import {
  createPreparingExecutor,
  type PreparingExecutorOptions,
} from '../../../../src/executors/local/prepare/executor.ts';
import { NO_REGISTRY_SETTINGS } from '../../../../src/executors/local/prepare/registries.ts';
import { createEgress } from '../../../../src/gateway/egress/egress.ts';
import type { Executor, StartWatch } from '../../../../src/ports/executor.ts';
import { createSystemClock } from '../../../../src/system/clock.ts';
import { createLogger } from '../../../../src/system/logger.ts';

export interface OpenPreparing {
  readonly dataDir: string;
  /** Executors on the same directories are like further processes. */
  executor(options?: Partial<PreparingExecutorOptions>): Executor;
  close(): Promise<void>;
}

export const preparingOn = (dataDir: string, options: Partial<PreparingExecutorOptions> = {}): Executor => {
  const logger = createLogger('warn', (line) => process.stderr.write(line));
  return createPreparingExecutor({
    runsDir: join(dataDir, 'runs'),
    packagesDir: join(dataDir, 'packages'),
    isolation: 'strict',
    programs: {},
    clock: createSystemClock(),
    logger,
    egress: createEgress({ privateHosts: ['localhost'], logger }),
    registries: NO_REGISTRY_SETTINGS,
    git: { credentialsFile: null, privateHosts: ['localhost'] },
    authorities: [],
    ...options,
  });
};

export const openPreparing = async (): Promise<OpenPreparing> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'slipway-prepare-'));
  return {
    dataDir,
    executor: (options) => preparingOn(dataDir, options),
    close: async () => {
      await preparingOn(dataDir).sweep(async () => true);
      await rm(dataDir, { recursive: true });
    },
  };
};

export interface Listener extends StartWatch {
  readonly events: EventDraft[];
  abort(): void;
}

/** Who waits for a start, and keeps what is told. */
export const listener = (): Listener => {
  const controller = new AbortController();
  const events: EventDraft[] = [];
  return {
    events,
    signal: controller.signal,
    note: async (event) => {
      events.push(event);
    },
    confirm: async () => undefined,
    abort: () => controller.abort(),
  };
};

/** The steps that were told, as `step status`. */
export const stepsOf = ({ events }: Listener): string[] =>
  events.flatMap((event) => (event.type === 'run.preparing' ? [`${event.data.step} ${event.data.status}`] : []));
