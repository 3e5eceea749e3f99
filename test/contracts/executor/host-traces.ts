/** What is to be seen on the host. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Arguments of a process, each with a NUL behind it; empty when it is gone. */
export const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`);

/** Pids of processes that have `text` in their arguments. */
export const processesWith = (text: string): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && commandOf(pid).includes(text));

/** Folders below `dir`. Those of other tests come and go while this looks, so one that is gone has none. */
const foldersBelow = (dir: string): readonly string[] => {
  try {
    const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return folders.flatMap(({ name }) => [join(dir, name), ...foldersBelow(join(dir, name))]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};

/** Control groups with `text` in their name, in all hierarchies. */
export const groupsWith = (text: string): readonly string[] =>
  foldersBelow('/sys/fs/cgroup').filter((path) => path.includes(text));

/** Mounts of this process's namespace with `text` in them. */
export const mountsWith = (text: string): readonly string[] =>
  read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(text));

/** Files below `dir` that hold `text`. */
export const filesWith = (text: string, dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((path) => read(join(dir, path)).includes(text));

/** Waits until `condition` holds; the test's own time limit is the end. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
