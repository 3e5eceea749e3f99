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

/** Pids of processes that have `text` in their arguments. */
export const processesWith = (text: string): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && read(`/proc/${pid}/cmdline`).includes(text));

/** Control groups with `text` in their name, in all hierarchies. */
export const groupsWith = (text: string): readonly string[] =>
  readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.includes(text) && !path.includes('/cgroup.'),
  );

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
