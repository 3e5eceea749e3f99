/** A process of its own that starts a job with packages. Its argument is JSON; it says `ready` or what went wrong. */
import type { RegistrySettings } from '../../../../src/executors/local/prepare/registries.ts';
import { shell } from '../jobs.ts';
import { preparingOn } from './open-preparing.ts';

export interface PreparingTask {
  readonly dataDir: string;
  readonly registries: RegistrySettings;
  readonly packages: readonly string[];
}

// Decoder of our own argument.
const { dataDir, registries, packages } = JSON.parse(process.argv[2] ?? '{}') as PreparingTask;
try {
  const execution = await preparingOn(dataDir, { registries }).start(shell('true', { packages }));
  await execution.release();
  process.stdout.write('ready\n');
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
