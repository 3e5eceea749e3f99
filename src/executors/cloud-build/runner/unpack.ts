/**
 * First step of a build: takes the bundle out of the workspace into a volume that only root can read, and lays out the
 * job's files. Names of files come from `job.json` and go to system calls, never to a shell.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { sign } from './frame.ts';
import { AGENT_UID, type JobFile, OBJECTS, PATHS } from './job-file.ts';
import { createRunnerObjects } from './objects.ts';
import { lchownIfRoot } from './ownership.ts';
import { installPackages } from './packages.ts';

const own = (path: string): void => lchownIfRoot(path, AGENT_UID);

const layOut = (job: JobFile): void => {
  for (const [index, { root, path }] of job.files.entries()) {
    const base = PATHS[root];
    const parts = path.split('/');
    for (let count = 1; count < parts.length; count += 1) {
      const folder = join(base, ...parts.slice(0, count));
      if (mkdirSync(folder, { recursive: true }) !== undefined) own(folder);
    }
    const target = join(base, ...parts);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(PATHS.own, 'files', String(index)), target);
    chmodSync(target, 0o644);
    own(target);
  }
};

const isInstalled = (program: string): boolean =>
  [join(PATHS.programs, 'bin'), ...(process.env.PATH ?? '').split(delimiter)].some((folder) =>
    statSync(join(folder, program), { throwIfNoEntry: false })?.isFile(),
  );

/** The image has the program, or npm brings it. */
const provide = (job: JobFile): void => {
  if (isAbsolute(job.program) || job.npmPackage === null || isInstalled(job.program)) return;
  process.stdout.write(`Installing ${job.npmPackage}: the image does not have it. An image that does starts faster.\n`);
  const args = ['install', '--global', `--prefix=${PATHS.programs}`, '--no-audit', '--no-fund', job.npmPackage];
  const { status } = spawnSync('npm', args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${job.npmPackage} could not be installed.`);
};

/** What became of the packages is told by an object; when they are not there, the build ends here. */
const prepare = async (job: JobFile): Promise<void> => {
  const objects = createRunnerObjects(job);
  const result = await installPackages(job);
  if (!('code' in result)) {
    await objects.put(OBJECTS.installed, JSON.stringify(result));
    return;
  }
  const text = JSON.stringify(result);
  await objects.put(OBJECTS.failed, `${sign(Buffer.from(job.key, 'base64'), `failed ${text}`)}\n${text}`);
  throw new Error(result.message);
};

const bundle = join(PATHS.workspace, 'slipway');
cpSync(bundle, PATHS.own, { recursive: true });
rmSync(bundle, { recursive: true });
chmodSync(PATHS.own, 0o700);
for (const path of [PATHS.workspace, PATHS.home]) {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
  own(path);
}
// Decoder of the executor's own file.
const job = JSON.parse(readFileSync(join(PATHS.own, 'job.json'), 'utf8')) as JobFile;
layOut(job);
provide(job);
if (job.packages.pip.length + job.packages.npm.length > 0) await prepare(job);
