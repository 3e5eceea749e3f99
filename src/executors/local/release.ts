/** Removes a place, whatever an agent left in it. */
import { execFile } from 'node:child_process';
import { readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DomainError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Job } from '../../ports/executor.ts';
import { removeGroups } from './cgroup.ts';
import { errorCode, freshName, type Place, recordOf } from './place.ts';
import { stagingPrefix } from './stage.ts';

const run = promisify(execFile);

/** Nothing of it is alive any more. Idempotent. */
export const removePlace = async (place: Place, clock: Clock): Promise<void> => {
  const record = recordOf(place);
  if (record !== null) await removeGroups(record.fence, clock);
  const parent = dirname(place.dir);
  const attempt = basename(place.dir);
  // First under another name, so that it is gone at once for everybody; with a draft's name, so that a removal that a
  // crash broke off is done by the next one.
  renamed(place.dir, join(parent, `${stagingPrefix(attempt)}${freshName()}`));
  for (const name of namesIn(parent)) {
    if (name.startsWith(stagingPrefix(attempt))) await removeWhole(join(parent, name));
  }
  try {
    rmdirSync(parent);
  } catch {
    // Another attempt is in it.
  }
};

/** References of all places below `runsDir`, with the runs that they are of. */
export const placesIn = (runsDir: string): readonly { readonly run: string; readonly refs: readonly string[] }[] =>
  namesIn(runsDir)
    .filter((name) => isUuid(name))
    .map((run) => {
      // A draft is of an attempt that may have no place: removing the attempt removes it.
      const attempts = namesIn(join(runsDir, run)).map((name) => /^\.new-(\d+)-/.exec(name)?.[1] ?? name);
      return { run, refs: [...new Set(attempts)].map((attempt) => `${run}/${attempt}`) };
    });

/** Refuses an attempt of a run that has a place of a later one: at most one execution of a run may be alive. */
export const requireNewest = (
  runsDir: string,
  place: Place,
  { runId, attempt }: Pick<Job, 'runId' | 'attempt'>,
): void => {
  const later = namesIn(join(runsDir, runId)).find((name) => Number(name) > attempt);
  if (later === undefined) return;
  throw new DomainError('conflict', `Attempt ${attempt} of run ${runId} comes after attempt ${later}.`, {
    hint: `Nothing was executed in ${place.ref}: another process goes on with the run.`,
  });
};

const renamed = (from: string, to: string): void => {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
};

/** What is in a directory; nothing when it is not there. */
export const namesIn = (dir: string): readonly string[] => {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
};

/** Of a place or a draft: what an agent filled may be large, the rest is a handful of files of ours. */
const removeWhole = async (dir: string): Promise<void> => {
  for (const name of ['workspace', 'home', 'in', 'base']) {
    if (!removedEmpty(join(dir, name))) await removeTree(join(dir, name));
  }
  rmSync(dir, { recursive: true, force: true });
};

const removedEmpty = (dir: string): boolean => {
  try {
    rmdirSync(dir);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
};

/** Directories without permissions and trees deeper than the longest path are for the tools, which know them. */
export const removeTree = async (path: string): Promise<void> => {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await run('chmod', ['-R', 'u+rwx', '--', path]).catch(() => undefined);
    await run('rm', ['-rf', '--', path]);
  }
};
