/** What the workspace held before the program started, so that it can be told afterwards what has changed. */
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from './job-file.ts';
import { type Found, walk } from './walk.ts';

/** One file or link: a line of the list. */
export interface Original {
  readonly path: string;
  readonly size: number;
  readonly executable: boolean;
  /** Where a link points; null for a file. */
  readonly target: string | null;
  /** Of its content; empty for a link. */
  readonly digest: string;
  /** Number of the copy of its content; null when it is a link, or too large for a difference. */
  readonly copy: number | null;
}

const LIST = join(PATHS.own, 'baseline');
const COPIES = join(PATHS.own, 'before');
const MOST_COPIED_BYTES = 1_048_576;
const PIECE_BYTES = 4_194_304;
/** The administration of a repository is no part of its files. */
const LEFT_OUT = ['.git'];

/** The files of the workspace that count. */
export const workspaceFiles = (hasSource: boolean): Generator<Found> =>
  walk(PATHS.workspace, hasSource ? LEFT_OUT : []);

/** The content in pieces; nothing for a link, or for what changed under us. */
export function* piecesOf(file: Found): Generator<Buffer> {
  const descriptor = file.open();
  if (descriptor === null) return;
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(file.stats.size, 1)));
      const count = readSync(descriptor, buffer, 0, buffer.length, null);
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(descriptor);
  }
}

export const digestOf = (file: Found): string => {
  const hash = createHash('sha256');
  for (const piece of piecesOf(file)) hash.update(piece);
  return hash.digest('hex');
};

export const isExecutable = (file: Found): boolean => file.stats.isFile() && (file.stats.mode & 0o111) !== 0;

/** Writes the list, and copies what is small enough for a difference. Nothing of the agent may be alive. */
export const writeBaseline = (hasSource: boolean): void => {
  mkdirSync(COPIES, { recursive: true, mode: 0o700 });
  const list = openSync(LIST, 'w', 0o600);
  try {
    let count = 0;
    for (const file of workspaceFiles(hasSource)) {
      const isFile = file.target === null;
      const copy = isFile && file.stats.size <= MOST_COPIED_BYTES ? count : null;
      if (copy !== null) {
        writeFileSync(copyOf(copy), Buffer.concat([...piecesOf(file)]), { mode: 0o600 });
        count += 1;
      }
      const original: Original = {
        path: file.path,
        size: isFile ? file.stats.size : 0,
        executable: isExecutable(file),
        target: file.target,
        digest: isFile ? digestOf(file) : '',
        copy,
      };
      writeSync(list, `${JSON.stringify(original)}\n`);
    }
  } finally {
    closeSync(list);
  }
};

const copyOf = (copy: number): string => join(COPIES, String(copy));

/** The content of an original that was copied. */
export const readCopy = (copy: number): Buffer => readFileSync(copyOf(copy));

/** What there was, by path. */
export const readBaseline = (): Map<string, Original> =>
  new Map(
    readFileSync(LIST, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      // Decoder of our own file.
      .map((line) => JSON.parse(line) as Original)
      .map((original) => [original.path, original]),
  );
