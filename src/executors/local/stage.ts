/**
 * Prepares a place. It is made aside and then renamed into its name, which succeeds once: of two processes that start
 * the same job one prepares it, and neither can write into a workspace that an agent already works in.
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '../../core/errors.ts';
import type { FileIn, Job } from '../../ports/executor.ts';
import { writeBaseline } from './baseline.ts';
import { errorCode, freshName, type Place, type PlaceRecord } from './place.ts';

/** Above it, writing leaves the event loop to others; below it, the way there would take longer than the write. */
const INLINE_BYTES = 262_144;

const write = async (path: string, content: Uint8Array | string, mode: number): Promise<void> => {
  const options = { mode, flag: 'wx' };
  if (content.length > INLINE_BYTES) await writeFile(path, content, options);
  else writeFileSync(path, content, options);
};

/** What a place begins with besides the files of its job. */
export interface Beginning {
  /** The job's uid on the host; null when it is our own. */
  readonly owner: number | null;
  /** Directory that becomes the workspace, the job's already and on the same file system; null = an empty one. */
  readonly workspace: string | null;
}

/** Makes the place if nobody has. */
export const stage = async (place: Place, job: Job, record: PlaceRecord, beginning: Beginning): Promise<void> => {
  const { owner, workspace } = beginning;
  const parent = dirname(place.dir);
  const draft = join(parent, `${stagingPrefix(job.attempt)}${freshName()}`);
  try {
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    const own = (path: string) => owner !== null && chownSync(path, owner, owner);
    for (const root of ['workspace', 'home']) {
      if (root === 'workspace' && workspace !== null) {
        // Moved, not copied: a repository can be large.
        chmodSync(workspace, 0o755);
        renameSync(workspace, join(draft, root));
        await writeBaseline(join(draft, root), join(draft, 'base'));
        continue;
      }
      mkdirSync(join(draft, root), { mode: 0o755 });
      own(join(draft, root));
    }
    mkdirSync(join(draft, 'in'), { mode: 0o700 });
    for (const [index, file] of job.files.entries()) {
      await write(join(draft, 'in', String(index)), file.content, 0o600);
      await placeFile(join(draft, file.root), file, own);
    }
    await write(join(draft, 'stdin'), job.stdin, 0o600);
    await write(join(draft, 'record.json'), JSON.stringify(record), 0o600);
    renameSync(draft, place.dir);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const code = errorCode(error);
    if (code === 'ENOTEMPTY' || (code === 'EEXIST' && isRename(error))) return;
    throw stagingError(error);
  }
};

/** How the drafts of an attempt are named; those that a crash left are removed with their place. */
export const stagingPrefix = (attempt: number | string): string => `.new-${attempt}-`;

const isRename = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'rename';

const placeFile = async (root: string, file: FileIn, own: (path: string) => unknown): Promise<void> => {
  const parts = file.path.split('/');
  let dir = root;
  for (const part of parts.slice(0, -1)) {
    dir = join(dir, part);
    try {
      mkdirSync(dir, { mode: 0o755 });
      own(dir);
    } catch (error) {
      // A link of a repository could lead out of the place, and we write as the server.
      if (errorCode(error) !== 'EEXIST' || !lstatSync(dir).isDirectory()) throw error;
    }
  }
  const path = join(root, file.path);
  await write(path, file.content, 0o644);
  own(path);
};

const NEVER = new Set(['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EINVAL']);

const stagingError = (error: unknown): DomainError => {
  const code = errorCode(error) ?? 'unknown error';
  if (NEVER.has(code)) {
    return new DomainError('place_failed', `The job's files cannot be laid out (${code}).`, {
      hint: 'Nothing was executed. Check the names of the files that go in: none may be given twice or be below another.',
      cause: error,
    });
  }
  return new DomainError('place_unavailable', `The run directory cannot be written (${code}).`, {
    hint: 'Nothing was executed. Check free space and permissions of the data directory.',
    cause: error,
  });
};
