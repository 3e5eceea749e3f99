/**
 * Lays a job's files into workspace and home, as root: a repository may have brought links, and none of them is followed.
 * Names come from `job.json` and go to system calls, never to a shell. Nothing of the agent may be alive.
 */
import { chmodSync, constants, copyFileSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_UID, type JobFile, PATHS } from './job-file.ts';
import { lchownIfRoot } from './ownership.ts';
import { PreparationError } from './preparation.ts';

/** @throws PreparationError where a path leads through something that is no folder */
export const layOut = (job: JobFile): void => {
  for (const [index, { root, path }] of job.files.entries()) {
    const parts = path.split('/');
    for (let count = 1; count < parts.length; count += 1) requireFolder(join(PATHS[root], ...parts.slice(0, count)));
    const target = join(PATHS[root], ...parts);
    if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory() === true) throw inTheWay(target);
    rmSync(target, { force: true });
    copyFileSync(join(PATHS.own, 'files', String(index)), target, constants.COPYFILE_EXCL);
    chmodSync(target, 0o644);
    lchownIfRoot(target, AGENT_UID);
  }
};

const requireFolder = (path: string): void => {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    mkdirSync(path);
    lchownIfRoot(path, AGENT_UID);
  } else if (!stats.isDirectory()) throw inTheWay(path);
};

const inTheWay = (path: string): PreparationError =>
  new PreparationError({
    code: 'place_failed',
    message: `A file of the job cannot be laid out: ${JSON.stringify(path)} of the repository is in its way.`,
    hint: 'Nothing was executed.',
  });
