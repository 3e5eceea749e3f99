/**
 * What goes into a build through Cloud Storage: the job, its files and the runner, as one archive. The agent can read it
 * when it learns its name, so nothing is in it that the agent must not have: that is in `runner/secrets.ts`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Job } from '../../ports/executor.ts';
import type { Place } from './names.ts';
import { type Registries, splitPackages } from './preparation.ts';
import type { JobFile } from './runner/job-file.ts';
import { type Member, tar } from './tar.ts';

/** Past a job's own time limit, when no server ended it. */
const GRACE_SECONDS = 15;
const MIB = 1_048_576;
/** The longest that a step of the preparation may take, whatever the run may. */
const PREPARE_SECONDS = 600;

export interface BundleOptions {
  readonly storageRoot: string;
  readonly bucket: string;
  readonly publicUrl: string | null;
  /** Programs by name: the npm package that has each. */
  readonly programs: Readonly<Record<string, string>>;
  readonly registries: Registries;
}

/** Address that a place's output is posted to. */
export const LIVE_PATH = '/internal/output';

const jobFile = (job: Job, place: Place, options: BundleOptions): JobFile => ({
  storageRoot: options.storageRoot,
  bucket: options.bucket,
  liveUrl: options.publicUrl === null ? null : `${options.publicUrl}${LIVE_PATH}/${place.ref}`,
  program: job.program,
  npmPackage: options.programs[job.program] ?? null,
  args: job.args,
  env: job.env,
  files: job.files.map(({ root, path }) => ({ root, path })),
  keep: job.keep,
  packages: {
    ...splitPackages(job.packages),
    npmRegistry: options.registries.npmRegistry,
    pipIndex: options.registries.pipIndex,
  },
  source: job.source,
  prepareSeconds: Math.min(PREPARE_SECONDS, job.limits.timeoutSeconds),
  timeoutSeconds: job.limits.timeoutSeconds + GRACE_SECONDS,
  memoryBytes: job.limits.memoryMb * MIB,
  maxProcesses: job.limits.maxProcesses,
  maxOutputBytes: job.limits.maxOutputBytes,
});

let runner: Promise<readonly Member[]> | null = null;

/** The runner's own sources: as they are, or as they were built, which puts them beside the built server. */
const readRunner = async (): Promise<readonly Member[]> => {
  const folder = new URL('./runner/', import.meta.url);
  const names = (await readdir(folder)).filter((name) => /^[a-z-]+\.[jt]s$/.test(name));
  const sources = names.map(async (name) => ({
    name: `slipway/runner/${name}`,
    content: await readFile(new URL(name, folder)),
  }));
  return [
    ...(await Promise.all(sources)),
    { name: 'slipway/runner/package.json', content: Buffer.from('{"type":"module"}') },
  ];
};

/** Extension of the runner's files, in this installation. */
export const RUNNER_EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** The archive. The same job always gives the same content. */
export const makeBundle = async (job: Job, place: Place, options: BundleOptions): Promise<Buffer> => {
  runner ??= readRunner();
  const members: Member[] = [
    ...(await runner),
    { name: 'slipway/job.json', content: Buffer.from(JSON.stringify(jobFile(job, place, options))) },
    { name: 'slipway/stdin', content: job.stdin },
    ...job.files.map(({ content }, index) => ({ name: `slipway/files/${index}`, content })),
  ];
  return promisify(gzip)(tar(members));
};
