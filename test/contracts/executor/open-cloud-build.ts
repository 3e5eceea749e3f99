/** The Cloud Build executor on an emulator of its own. */
import {
  type CloudBuildExecutorOptions,
  createCloudBuildExecutor,
} from '../../../src/executors/cloud-build/executor.ts';
import { createSystemClock, createSystemRandom } from '../../../src/system/clock.ts';
import { createLogger } from '../../../src/system/logger.ts';
import { type Emulator, type EmulatorOptions, openEmulator } from '../../support/google/emulator.ts';
import type { OpenExecutor } from './jobs.ts';

export interface OpenCloudBuild extends OpenExecutor {
  readonly emulator: Emulator;
  /** Another executor on the same places. */
  with(options: Partial<CloudBuildExecutorOptions>): ReturnType<typeof createCloudBuildExecutor>;
}

export const cloudBuildOn = (
  emulator: Emulator,
  options: Partial<CloudBuildExecutorOptions> = {},
): ReturnType<typeof createCloudBuildExecutor> =>
  createCloudBuildExecutor({
    project: 'demo',
    region: 'us-central1',
    bucket: 'bucket',
    cloudBuildRoot: `${emulator.url}/`,
    storageRoot: `${emulator.url}/`,
    account: async () => 'server@demo.example',
    publicUrl: null,
    runnerServiceAccount: 'runner@demo.example',
    image: 'node:24',
    machineType: 'E2_STANDARD_2',
    workerPool: null,
    modelSecret: null,
    secret: new Uint8Array(32).fill(7),
    programs: {},
    registries: {
      npmRegistry: null,
      pipIndex: null,
      wantCredentials: false,
      gitCredentials: null,
      privateHosts: ['localhost'],
    },
    clock: createSystemClock(),
    random: createSystemRandom(),
    logger: createLogger('error', (line) => process.stderr.write(line)),
    // No quota has to be kept, and nobody wants to wait.
    pace: { tickMs: 50, startMs: 50, logMs: 50, callsPerMinute: 100_000 },
    ...options,
  });

export const openCloudBuild = async (options: EmulatorOptions = {}): Promise<OpenCloudBuild> => {
  const emulator = await openEmulator({ logFlushMs: 50, ...options });
  return {
    emulator,
    executor: cloudBuildOn(emulator),
    another: async () => cloudBuildOn(emulator),
    with: (more) => cloudBuildOn(emulator, more),
    close: () => emulator.close(),
  };
};
