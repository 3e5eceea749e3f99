/** The local executor on a directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalExecutor, type LocalExecutorOptions } from '../../../src/executors/local/executor.ts';
import type { Executor } from '../../../src/ports/executor.ts';
import { createSystemClock } from '../../../src/system/clock.ts';
import { createLogger } from '../../../src/system/logger.ts';
import type { OpenExecutor } from './jobs.ts';

export interface OpenLocal extends OpenExecutor {
  readonly runsDir: string;
  /** Another executor on the same places. */
  with(options: Partial<LocalExecutorOptions>): Executor;
}

export const localOn = (runsDir: string, options: Partial<LocalExecutorOptions> = {}): Executor =>
  createLocalExecutor({
    runsDir,
    isolation: 'strict',
    programs: {},
    clock: createSystemClock(),
    logger: createLogger('warn', (line) => process.stderr.write(line)),
    ...options,
  });

export const openLocal = async (): Promise<OpenLocal> => {
  const runsDir = await mkdtemp(join(tmpdir(), 'slipway-runs-'));
  return {
    runsDir,
    executor: localOn(runsDir),
    another: async () => localOn(runsDir),
    with: (options) => localOn(runsDir, options),
    close: async () => {
      await localOn(runsDir).sweep(async () => true);
      await rm(runsDir, { recursive: true });
    },
  };
};
