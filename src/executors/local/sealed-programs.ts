/**
 * Copies of the programs that the kernel lets a job execute and not read. Of a process whose program its user cannot
 * read, the kernel keeps the memory, the environment and the descriptors from everybody with the same user: not even a
 * process beside it can trace the program, write into its memory, or open its output again and forge what it says
 * (`would_dump` in the kernel's fs/exec.c; ptrace(2), "ptrace access mode checking").
 *
 * A copy, since the mode is the file's own and the original belongs to somebody else. A script stays as it is: its
 * interpreter has to read it.
 */
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { chmod, copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '../../core/errors.ts';
import { errorCode, freshName } from './place.ts';

const EXECUTE_ONLY = 0o111;
const ELF = Buffer.from('\x7fELF', 'latin1');

const isNative = (path: string): boolean => {
  const start = Buffer.alloc(ELF.length);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, start, 0, start.length, 0);
    return start.equals(ELF);
  } finally {
    closeSync(descriptor);
  }
};

const underWay = new Map<string, Promise<string>>();

/** Path of the copy in `dir` that a place is to see as program `name`; the path itself for a script. */
export const sealProgram = async (dir: string, name: string, path: string): Promise<string> => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return path;
  const copy = join(dir, `${name}@${stat.dev}-${stat.ino}-${stat.size}-${Math.trunc(stat.mtimeMs)}`);
  if (existsSync(copy)) return copy;
  if (!isNative(path)) return path;
  const making = underWay.get(copy) ?? make(dir, name, path, copy).finally(() => underWay.delete(copy));
  underWay.set(copy, making);
  return await making;
};

const make = async (dir: string, name: string, path: string, copy: string): Promise<string> => {
  const draft = join(dir, `.${name}-${freshName()}`);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    await copyFile(path, draft, constants.COPYFILE_FICLONE);
    await chmod(draft, EXECUTE_ONLY);
    await rename(draft, copy);
  } catch (error) {
    await rm(draft, { force: true });
    const code = errorCode(error) ?? 'unknown error';
    throw new DomainError(
      'place_unavailable',
      `The program ${name} cannot be copied into the data directory (${code}).`,
      {
        hint: 'Nothing was executed. Check free space and permissions of the data directory.',
        cause: error,
      },
    );
  }
  // Of earlier versions of the program; jobs that run them keep them.
  for (const other of readdirSync(dir)) {
    if (other.startsWith(`${name}@`) && join(dir, other) !== copy) rmSync(join(dir, other), { force: true });
  }
  return copy;
};
