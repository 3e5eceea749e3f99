/**
 * From a job to a build. Pure. Nothing of a prompt, a package or a file name is in the build: all of that is in the
 * bundle, so no rule about sizes, quoting or `$` can touch it, and nothing of it is ever published with the build. What the
 * runner alone may know is in `env` instead (`runner/secrets.ts`).
 */
import type { cloudbuild_v1 } from '@googleapis/cloudbuild';
import { DomainError } from '../../core/errors.ts';
import type { Job } from '../../ports/executor.ts';
import { COMMON_TAG, type Place } from './names.ts';
import { OBJECTS, PATHS } from './runner/job-file.ts';
import { encodeSecrets, SECRETS_VARIABLE } from './runner/secrets.ts';

export type Build = cloudbuild_v1.Schema$Build;

export interface BuildOptions {
  readonly project: string;
  readonly bucket: string;
  /** E-mail of the account that steps run as; null = the project's default account. */
  readonly runnerServiceAccount: string | null;
  readonly image: string;
  readonly machineType: string;
  /** Full name of a private pool; null = the default pool. */
  readonly workerPool: string | null;
  /** Secret Manager's version with the model key, for places that cannot reach the gateway. */
  readonly modelSecret: { readonly env: string; readonly versionName: string } | null;
  readonly runnerExtension: 'ts' | 'js';
}

/** Cloud Build takes a larger message, and never starts it: from about 128 KiB on it stays queued without a word. */
const LARGEST_MESSAGE = 100_000;
/** Longest wait for a free machine. */
const QUEUE_SECONDS = 3_600;
/** For pulling the image and bringing results out. */
const AROUND_SECONDS = 1_800;
const LONGEST_SECONDS = 86_400;
const POOL_MACHINES = new Set(['', 'E2_STANDARD_2']);

const VOLUMES = [
  { name: 'slipway', path: PATHS.own },
  { name: 'home', path: PATHS.home },
  { name: 'programs', path: PATHS.programs },
];

/** A dollar sign of ours is no substitution. */
const literal = (text: string): string => text.replaceAll('$', '$$$$');

const runner = (options: BuildOptions, folder: string, name: string): string[] => [
  `${folder}/runner/${name}.${options.runnerExtension}`,
];

/** The build of a job. Throws `place_failed` when its message would be too large to ever start. */
export const translate = (job: Job, place: Place, options: BuildOptions): Build => {
  const secret = options.modelSecret;
  const variable = secret === null ? null : `SLIPWAY_SECRET_${secret.env}`;
  const { results, token } = place;
  const secrets = encodeSecrets({ results, key: Buffer.from(place.key).toString('base64'), token });
  const env = [`${SECRETS_VARIABLE}=${secrets}`];
  const step = { name: literal(options.image), entrypoint: 'node', volumes: VOLUMES, env };
  const build: Build = {
    tags: [COMMON_TAG, place.tag],
    source: { storageSource: { bucket: options.bucket, object: `${place.prefix}${OBJECTS.bundle}` } },
    steps: [
      { ...step, id: 'unpack', args: runner(options, `${PATHS.workspace}/slipway`, 'unpack') },
      {
        ...step,
        id: 'run',
        args: runner(options, PATHS.own, 'run'),
        env: [...env, 'SLIPWAY_BUILD_ID=$BUILD_ID'],
        ...(variable === null ? {} : { secretEnv: [variable] }),
      },
    ],
    timeout: `${Math.min(job.limits.timeoutSeconds + AROUND_SECONDS, LONGEST_SECONDS)}s`,
    queueTtl: `${QUEUE_SECONDS}s`,
    logsBucket: `gs://${options.bucket}/logs`,
    ...(options.runnerServiceAccount === null
      ? {}
      : { serviceAccount: `projects/${options.project}/serviceAccounts/${options.runnerServiceAccount}` }),
    ...(secret === null || variable === null
      ? {}
      : { availableSecrets: { secretManager: [{ versionName: secret.versionName, env: variable }] } }),
    options: {
      logging: 'GCS_ONLY',
      logStreamingOption: 'STREAM_ON',
      // The default machine is the only one that is there at once, and it has no name of its own in requests.
      ...(POOL_MACHINES.has(options.machineType) ? {} : { machineType: options.machineType }),
      ...(options.workerPool === null ? {} : { pool: { name: options.workerPool } }),
    },
  };
  const size = Buffer.byteLength(JSON.stringify(build));
  if (size > LARGEST_MESSAGE) {
    throw new DomainError(
      'place_failed',
      `The build would have ${size} bytes; Cloud Build starts none above ${LARGEST_MESSAGE}.`,
      {
        hint: 'Nothing was executed. Shorten the names of image, pool, bucket and secret.',
      },
    );
  }
  return build;
};
