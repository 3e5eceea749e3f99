/**
 * First step of a build: takes the bundle out of the workspace into a volume that only root can read, and prepares the
 * place: program, packages, repository, the job's files. Where one of them cannot be had, the build ends here, and an
 * object says why.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { writeBaseline } from './baseline.ts';
import { sign } from './frame.ts';
import { AGENT_UID, type JobFile, OBJECTS, PATHS } from './job-file.ts';
import { layOut } from './lay-out.ts';
import { createRunnerObjects } from './objects.ts';
import { lchownIfRoot } from './ownership.ts';
import { installPackages } from './packages.ts';
import { PreparationError } from './preparation.ts';
import { takeSecrets } from './secrets.ts';
import { fetchSource } from './source.ts';

const isInstalled = (program: string): boolean =>
  [join(PATHS.programs, 'bin'), ...(process.env.PATH ?? '').split(delimiter)].some((folder) =>
    statSync(join(folder, program), { throwIfNoEntry: false })?.isFile(),
  );

/** The image has the program, or npm brings it. */
const provide = (job: JobFile): void => {
  if (isAbsolute(job.program) || job.npmPackage === null || isInstalled(job.program)) return;
  process.stdout.write(`Installing ${job.npmPackage}: the image does not have it. An image that does starts faster.\n`);
  const args = ['install', '--global', `--prefix=${PATHS.programs}`, '--no-audit', '--no-fund', job.npmPackage];
  const { status } = spawnSync('npm', args, { cwd: '/', stdio: 'inherit' });
  if (status !== 0) throw new Error(`${job.npmPackage} could not be installed.`);
};

const prepare = async (job: JobFile): Promise<void> => {
  const objects = createRunnerObjects(job, secrets);
  try {
    // In this order, so that no code of a package ever meets the repository before the agent does.
    const prepared = [...(await installPackages(job)), ...(await fetchSource(job))];
    if (prepared.length > 0) await objects.put(OBJECTS.prepared, JSON.stringify(prepared));
    layOut(job);
  } catch (error) {
    if (!(error instanceof PreparationError)) throw error;
    const text = JSON.stringify(error.failure);
    await objects.put(OBJECTS.failed, `${sign(Buffer.from(secrets.key, 'base64'), `failed ${text}`)}\n${text}`);
    throw error;
  }
};

// Before anything else: nothing that is started from here on has them.
const secrets = takeSecrets(process.env);
const bundle = join(PATHS.workspace, 'slipway');
cpSync(bundle, PATHS.own, { recursive: true });
rmSync(bundle, { recursive: true });
chmodSync(PATHS.own, 0o700);
for (const path of [PATHS.workspace, PATHS.home]) {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
  lchownIfRoot(path, AGENT_UID);
}
// Decoder of the executor's own file.
const job = JSON.parse(readFileSync(join(PATHS.own, 'job.json'), 'utf8')) as JobFile;
provide(job);
await prepare(job);
writeBaseline(job.source !== null);
