/** A place on disk: one directory per run and attempt, whose files are all that is known of an execution. */
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { isUuid } from '../../core/ids.ts';
import type { Root } from '../../ports/executor.ts';
import type { Fence } from './cgroup.ts';

/** What is remembered of a job besides its streams. */
export interface PlaceRecord {
  readonly fence: Fence;
  readonly keep: readonly string[];
  /** Files that went in; the content of the n-th is `in/n`. */
  readonly files: readonly { readonly root: Root; readonly path: string }[];
  readonly maxOutputBytes: number;
}

export interface Place {
  readonly ref: string;
  readonly dir: string;
  readonly path: (name: PlaceFile) => string;
}

export type PlaceFile =
  | 'workspace'
  | 'home'
  | 'in'
  | 'base'
  | 'record.json'
  | 'stdin'
  | 'stdout'
  | 'stderr'
  | 'status'
  | 'claim'
  | 'job'
  | 'inside'
  | 'refused'
  | 'limit'
  | 'kill'
  | 'exit'
  | 'outcome';

const ATTEMPT = /^[1-9][0-9]{0,8}$/;

/** The place that a reference names; null for anything that `start` would not have given. */
export const placeOf = (runsDir: string, ref: string): Place | null => {
  const [run = '', attempt = '', ...rest] = ref.split('/');
  if (rest.length > 0 || !isUuid(run) || !ATTEMPT.test(attempt)) return null;
  const dir = join(runsDir, run, attempt);
  return { ref, dir, path: (name) => join(dir, name) };
};

/** The text of a file; null when it does not exist. */
export const textOf = (place: Place, name: PlaceFile): string | null => {
  // Asked again and again during a start, and mostly in vain: cheaper than an error.
  if (!existsSync(place.path(name))) return null;
  try {
    return readFileSync(place.path(name), 'utf8');
  } catch {
    return null;
  }
};

/** The line of a file that the supervisor writes; null until it is whole. */
export const lineOf = (place: Place, name: PlaceFile): string | null => {
  const text = textOf(place, name);
  return text?.endsWith('\n') ? text.slice(0, -1) : null;
};

let names = 0;

/** A name that no other thread or process uses. */
export const freshName = (): string => {
  names += 1;
  return `${process.pid}-${threadId}-${names}`;
};

/** Writes a file that nobody may overwrite, whole or not at all. False when there was one: the first one stays. */
export const writeOnce = (place: Place, name: PlaceFile, text: string): boolean => {
  const draft = join(place.dir, `.${name}-${freshName()}`);
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, place.path(name));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

/** What `stage` wrote; null when the place is gone. Decoder of our own file. */
export const recordOf = (place: Place): PlaceRecord | null => {
  const text = textOf(place, 'record.json');
  return text === null ? null : (JSON.parse(text) as PlaceRecord);
};

/** The `code` of a system error; undefined for any other. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
