/** From a request's JSON to a build, with Cloud Build's own limits. */
import { invalidArgument } from './api-error.ts';
import { type Build, durationAt, objectAt, objectsAt, type Step, textsAt } from './build.ts';
import { type JsonObject, textAt } from './http.ts';
import { substitute } from './substitute.ts';

const MAX_STEPS = 300;
const MAX_ARGS = 100;
const MAX_ARG_CHARS = 10_000;
const MAX_ENV = 100;
const MAX_ENV_CHARS = 65_536;
const MAX_TAGS = 64;
const TAG = /^[A-Za-z0-9_.-]{1,128}$/;
const MAX_TIMEOUT_MS = 86_400_000;
const DEFAULT_TIMEOUT_MS = 3_600_000;

export interface Origin {
  readonly id: string;
  readonly project: string;
  readonly location: string;
  readonly now: number;
}

/** Throws INVALID_ARGUMENT as the API does. A message above 128 KiB is *not* refused; see the README. */
export const readBuild = (sent: JsonObject, origin: Origin): Build => {
  const options = objectAt(sent, 'options');
  const builtIn = {
    PROJECT_ID: origin.project,
    PROJECT_NUMBER: '000000000000',
    BUILD_ID: origin.id,
    LOCATION: origin.location,
  };
  const resource = substitute(sent, builtIn, options.substitutionOption === 'ALLOW_LOOSE');
  const steps = objectsAt(resource, 'steps').map(readStep);
  checkSteps(steps);
  const tags = textsAt(resource, 'tags');
  if (tags.length > MAX_TAGS || tags.some((tag) => !TAG.test(tag))) {
    throw invalidArgument(`invalid build: tags must match ${TAG.source}, and be at most ${MAX_TAGS}`);
  }
  const timeoutMs = durationAt(resource, 'timeout') ?? DEFAULT_TIMEOUT_MS;
  if (timeoutMs > MAX_TIMEOUT_MS) throw invalidArgument('invalid build: timeout exceeds 24h');
  const secrets = readSecrets(resource, steps);
  const logging = textAt(options, 'logging') ?? 'LEGACY';
  const logsBucket = readLogsBucket(textAt(resource, 'logsBucket'), origin.project, logging);
  if (textAt(resource, 'serviceAccount') !== null && textAt(resource, 'logsBucket') === null && logging === 'LEGACY') {
    throw invalidArgument(
      "invalid build: if 'build.service_account' is specified, the build must either (a) specify 'build.logs_bucket' or (b) use the REGIONAL_USER_OWNED_BUCKET default_logs_bucket_behavior option, or (c) use either CLOUD_LOGGING_ONLY / NONE logging options",
    );
  }
  const storage = objectAt(objectAt(resource, 'source'), 'storageSource');
  const [bucket, object] = [textAt(storage, 'bucket'), textAt(storage, 'object')];
  return {
    ...origin,
    resource,
    bytes: Buffer.byteLength(JSON.stringify(sent)),
    steps,
    source: bucket === null || object === null ? null : { bucket, object },
    tags,
    timeoutMs,
    queueTtlMs: durationAt(resource, 'queueTtl') ?? DEFAULT_TIMEOUT_MS,
    logsBucket,
    streamsLog: options.logStreamingOption === 'STREAM_ON',
    secrets,
    createdAt: origin.now,
    status: 'QUEUED',
    statusDetail: null,
    startedAt: null,
    finishedAt: null,
    stepStates: steps.map(() => ({ status: 'QUEUED', startedAt: null, finishedAt: null, exitCode: null })),
    outputs: [],
    vanished: false,
  };
};

const readStep = (step: JsonObject): Step => {
  if (step.waitFor !== undefined) throw invalidArgument('The emulator runs steps one after the other: no waitFor.');
  return {
    id: textAt(step, 'id'),
    image: textAt(step, 'name') ?? '',
    entrypoint: textAt(step, 'entrypoint'),
    args: textsAt(step, 'args'),
    script: textAt(step, 'script'),
    env: textsAt(step, 'env'),
    secretEnv: textsAt(step, 'secretEnv'),
    dir: textAt(step, 'dir') ?? '',
    volumes: objectsAt(step, 'volumes').map((volume) => ({
      name: textAt(volume, 'name') ?? '',
      path: textAt(volume, 'path') ?? '',
    })),
    timeoutMs: durationAt(step, 'timeout'),
    allowFailure: step.allowFailure === true,
  };
};

const checkSteps = (steps: readonly Step[]): void => {
  if (steps.length === 0) throw invalidArgument('invalid build: no build steps');
  if (steps.length > MAX_STEPS) throw invalidArgument(`invalid build: more than ${MAX_STEPS} build steps`);
  const ids = steps.flatMap(({ id }) => (id === null ? [] : [id]));
  if (new Set(ids).size < ids.length) throw invalidArgument('invalid build: build step ids are not unique');
  steps.forEach((step, index) => {
    checkStep(step, index);
  });
  const shared = steps.flatMap((step) => step.volumes.map(({ name }) => name));
  const lonely = shared.find((name) => shared.indexOf(name) === shared.lastIndexOf(name));
  if (lonely !== undefined) {
    throw invalidArgument(
      `invalid build: volume "${lonely}" is only used by one step; volumes must be used by at least two`,
    );
  }
};

const checkStep = (step: Step, index: number): void => {
  const where = `invalid build: invalid build step ${index}`;
  if (step.image === '') throw invalidArgument(`${where}: name is empty`);
  if (step.args.length > MAX_ARGS) throw invalidArgument(`${where}: too many args, at most ${MAX_ARGS}`);
  const long = step.args.findIndex((arg) => arg.length > MAX_ARG_CHARS);
  if (long >= 0) throw invalidArgument(`${where}: arg ${long} too long (max: ${MAX_ARG_CHARS})`);
  if (step.script !== null && (step.args.length > 0 || step.entrypoint !== null)) {
    throw invalidArgument(`${where}: a script cannot be combined with args or entrypoint`);
  }
  if (step.env.length > MAX_ENV || step.env.some((line) => line.length > MAX_ENV_CHARS || !line.includes('='))) {
    throw invalidArgument(`${where}: env must be at most ${MAX_ENV} KEY=VALUE of at most ${MAX_ENV_CHARS} characters`);
  }
  for (const { path } of step.volumes) {
    if (!path.startsWith('/') || path === '/workspace' || path.startsWith('/workspace/')) {
      throw invalidArgument(`${where}: volume path "${path}" is reserved or not absolute`);
    }
  }
};

const readSecrets = (resource: JsonObject, steps: readonly Step[]): Readonly<Record<string, string>> => {
  const entries = objectsAt(objectAt(resource, 'availableSecrets'), 'secretManager').map(
    (secret) => [textAt(secret, 'env') ?? '', textAt(secret, 'versionName') ?? ''] as const,
  );
  const secrets = Object.fromEntries(entries);
  const unknown = steps.flatMap((step) => step.secretEnv).find((name) => !(name in secrets));
  if (unknown !== undefined) {
    throw invalidArgument(`invalid build: secretEnv "${unknown}" is not defined in availableSecrets`);
  }
  const idle = Object.keys(secrets).find((name) => !steps.some((step) => step.secretEnv.includes(name)));
  if (idle !== undefined) throw invalidArgument(`invalid build: secret "${idle}" is defined but not used`);
  return secrets;
};

const readLogsBucket = (given: string | null, project: string, logging: string): Build['logsBucket'] => {
  if (logging === 'CLOUD_LOGGING_ONLY' || logging === 'NONE') return null;
  if (given === null) return { bucket: `${project}_cloudbuild`, prefix: '' };
  const [bucket = '', ...rest] = given.replace(/^gs:\/\//, '').split('/');
  const prefix = rest.filter((part) => part !== '').join('/');
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
};
