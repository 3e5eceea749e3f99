/** A stage whose runs execute in the Cloud Build emulator. */
import { findClaude } from '../../../src/system/claude-binary.ts';
import { type Emulator, type EmulatorOptions, NODE_IMAGE, openEmulator } from '../google/emulator.ts';
import { freePort } from './free-port.ts';
import { openStage, type Stage } from './stage.ts';

export interface CloudStage extends Stage {
  readonly emulator: Emulator;
}

export const openCloudStage = async (
  options: {
    readonly env?: Record<string, string>;
    readonly emulator?: EmulatorOptions;
    /** See `ServerOptions`; the emulator's machine stays whole. */
    readonly breaking?: string;
    /** As of `openStage`. */
    readonly main?: string;
  } = {},
): Promise<CloudStage> => {
  const claude = findClaude();
  if (claude === null) throw new Error('Claude Code is not installed.');
  const image = { ...NODE_IMAGE, files: { ...NODE_IMAGE.files, '/usr/local/bin/claude': claude.path } };
  const emulator = await openEmulator({ images: { runner: image }, logFlushMs: 200, ...options.emulator });
  // Builds have to know the address before the server listens at it.
  const port = await freePort();
  const stage = await openStage({
    ...(options.breaking === undefined ? {} : { breaking: options.breaking }),
    ...(options.main === undefined ? {} : { main: options.main }),
    env: {
      PORT: String(port),
      SLIPWAY_EXECUTOR: 'cloud-build',
      SLIPWAY_PUBLIC_URL: `http://127.0.0.1:${port}`,
      GOOGLE_CLOUD_PROJECT: 'demo-slipway',
      SLIPWAY_REGION: 'us-central1',
      SLIPWAY_BUCKET: 'bucket',
      SLIPWAY_RUNNER_IMAGE: 'runner',
      SLIPWAY_RUNNER_SERVICE_ACCOUNT: 'runner@demo.iam.gserviceaccount.example',
      SLIPWAY_CLOUD_BUILD_ENDPOINT: emulator.url,
      STORAGE_EMULATOR_HOST: emulator.url,
      ...options.env,
    },
  });
  return {
    ...stage,
    emulator,
    close: async () => {
      await stage.close();
      await emulator.close();
    },
  };
};
