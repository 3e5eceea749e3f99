/** The settings for Google Cloud: part of the one schema in `config.ts`. */
import { z } from 'zod';

const text = z.string().min(1);
const LOOPBACK_ADDRESS = /^(?:https?:\/\/)?(?:127(?:\.\d{1,3}){3}|localhost|\[::1\]):\d{1,5}\/?$/;
const emulator = z.string().regex(LOOPBACK_ADDRESS, 'must be an address on this machine');

export const GOOGLE_SETTINGS = {
  SLIPWAY_REGION: { rule: text, means: 'region of the builds, such as us-central1; cloud-build needs it' },
  SLIPWAY_BUCKET: {
    rule: z.string().regex(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, 'must be the name of a bucket, without gs://'),
    means: 'Cloud Storage bucket for bundles, logs and artifacts; cloud-build needs it',
  },
  SLIPWAY_RUNNER_SERVICE_ACCOUNT: { rule: z.email(), means: 'account that builds run as; give it next to no roles' },
  SLIPWAY_RUNNER_IMAGE: { rule: text, initial: 'node:24', means: 'image of the build steps: Node.js 24 and setpriv' },
  SLIPWAY_MACHINE_TYPE: { rule: text, initial: 'E2_STANDARD_2', means: 'machine type of the builds' },
  SLIPWAY_WORKER_POOL: { rule: text, means: 'private pool of the builds, by its full name' },
  SLIPWAY_MODEL_SECRET: {
    rule: z
      .string()
      .regex(/^projects\/[^/]+\/secrets\/[^/]+\/versions\/[^/]+$/, 'must be projects/…/secrets/…/versions/…'),
    means: 'version in Secret Manager that has the model key, for builds that cannot reach SLIPWAY_PUBLIC_URL',
  },
  SLIPWAY_INVOKER: { rule: z.email(), means: 'account that Cloud Scheduler and Pub/Sub call this server as' },
  SLIPWAY_CLOUD_BUILD_ENDPOINT: { rule: emulator, means: 'Cloud Build emulator to use instead of the service' },
  STORAGE_EMULATOR_HOST: { rule: emulator, means: 'Cloud Storage emulator to use instead of the service' },
} as const;

export interface GoogleConfig {
  readonly project: string | null;
  readonly region: string | null;
  readonly bucket: string | null;
  readonly runnerServiceAccount: string | null;
  readonly runnerImage: string;
  readonly machineType: string;
  readonly workerPool: string | null;
  readonly modelSecret: string | null;
  readonly invoker: string | null;
  readonly iapAudience: string | null;
  /** Addresses of emulators, ending with a slash; null = Google's own. */
  readonly cloudBuildRoot: string | null;
  readonly storageRoot: string | null;
}

/** An emulator's address, with scheme and a slash at its end. */
export const emulatorRoot = (value: string | null): string | null =>
  value === null ? null : (value.startsWith('http') ? value : `http://${value}`).replace(/\/?$/, '/');

interface Chosen {
  readonly auth: string;
  readonly executor: string;
  readonly publicUrl: string | null;
  readonly google: GoogleConfig;
}

/** What the choices need and do not have, one line each. */
export const googleProblems = ({ auth, executor, publicUrl, google }: Chosen): string[] => {
  const problems: string[] = [];
  if (auth === 'iap' && google.iapAudience === null) problems.push('SLIPWAY_IAP_AUDIENCE: SLIPWAY_AUTH=iap needs it');
  if (executor !== 'cloud-build') return problems;
  const needs = {
    GOOGLE_CLOUD_PROJECT: google.project,
    SLIPWAY_REGION: google.region,
    SLIPWAY_BUCKET: google.bucket,
  };
  for (const [name, value] of Object.entries(needs)) {
    if (value === null) problems.push(`${name}: SLIPWAY_EXECUTOR=cloud-build needs it`);
  }
  if (publicUrl === null && google.modelSecret === null) {
    problems.push(
      'SLIPWAY_PUBLIC_URL: builds reach the model there; without it, SLIPWAY_MODEL_SECRET has to name the key',
    );
  }
  return problems;
};
