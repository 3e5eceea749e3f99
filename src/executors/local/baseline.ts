/**
 * What a workspace looked like when its job began: a list of its files, and copies of those that are small enough for a
 * line-by-line difference. Without it, each file of a repository would count as new.
 *
 * A file that has its inode and its time of change still is the same: no program can set that time back. So nothing is
 * read again of what nobody touched.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { NOT_KEPT } from '../../ports/executor.ts';
import { type Found, openFile, walk, withPath } from './tree.ts';

/** The administration of a repository is neither compared nor an artifact. */
const LEFT_OUT = '.git';
/** Larger files have no line-by-line difference. */
const LARGEST_COPY = 1_048_576;
const MOST_COPIED = 536_870_912;
const CHUNK_BYTES = 65_536;

/** One file at the beginning. */
interface Entry {
  readonly path: string;
  readonly inode: number;
  readonly changedAt: number;
  readonly size: number;
  readonly executable: boolean;
  /** SHA-256 of the content or of a link's target, hex. */
  readonly digest: string;
  /** Number of its copy; null when there is none. */
  readonly copy: number | null;
}

export interface Baseline {
  /** All paths. */
  paths(): Iterable<string>;
  isUnchanged(root: string, found: Found): Promise<boolean>;
  /** As `FileOut.before` has it. */
  before(path: string): Promise<Uint8Array | null>;
}

/** What is compared and collected of a workspace that began with a repository. */
export const isLeftOut = (parts: readonly string[]): boolean => parts[0] === LEFT_OUT;

/** Writes down the files below `root`, in which nobody works yet, into the new directory `dir`. */
export const writeBaseline = async (root: string, dir: string): Promise<void> => {
  mkdirSync(dir, { mode: 0o700 });
  const entries: Entry[] = [];
  let copied = 0;
  for await (const found of walk(root, isLeftOut)) {
    const { size, ino, ctimeMs } = found.stats;
    const copies = found.stats.isFile() && size <= LARGEST_COPY && copied + size <= MOST_COPIED;
    const content = await readEntry(root, found, copies);
    if (content.bytes !== null) {
      copied += content.bytes.length;
      writeFileSync(join(dir, String(entries.length)), content.bytes, { mode: 0o600 });
    }
    entries.push({
      path: found.path,
      inode: ino,
      changedAt: ctimeMs,
      size,
      executable: isExecutable(found),
      digest: content.digest,
      copy: content.bytes === null ? null : entries.length,
    });
  }
  writeFileSync(join(dir, 'list.json'), JSON.stringify(entries), { mode: 0o600 });
};

/** Reads what `writeBaseline` wrote; null when the workspace began empty. Rejects when it cannot be read. Decoder of our own file. */
export const readBaseline = async (dir: string): Promise<Baseline | null> => {
  if (!existsSync(dir)) return null;
  const text = await readFile(join(dir, 'list.json'), 'utf8');
  const entries = new Map((JSON.parse(text) as Entry[]).map((entry) => [entry.path, entry]));
  return {
    paths: () => entries.keys(),
    isUnchanged: async (root, found) => {
      const entry = entries.get(found.path);
      const { ino, ctimeMs, size } = found.stats;
      if (entry === undefined || size !== entry.size || isExecutable(found) !== entry.executable) return false;
      if (ino === entry.inode && ctimeMs === entry.changedAt) return true;
      return (await readEntry(root, found, false)).digest === entry.digest;
    },
    before: async (path) => {
      const entry = entries.get(path);
      if (entry === undefined) return null;
      return entry.copy === null ? NOT_KEPT : await readFile(join(dir, String(entry.copy)));
    },
  };
};

const isExecutable = (found: Found): boolean => found.stats.isFile() && (found.stats.mode & 0o111) !== 0;

const readEntry = async (
  root: string,
  found: Found,
  keep: boolean,
): Promise<{ readonly digest: string; readonly bytes: Uint8Array | null }> => {
  const hash = createHash('sha256');
  if (found.stats.isSymbolicLink()) {
    const target = await withPath(root, found.parts, true, (path) => readlink(path, 'buffer'));
    return { digest: `link ${hash.update(target).digest('hex')}`, bytes: null };
  }
  const file = await withPath(root, found.parts, true, openFile);
  const kept: Uint8Array[] = [];
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = (await file?.read(buffer, 0, CHUNK_BYTES, null)) ?? { bytesRead: 0 };
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      if (keep) kept.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file?.close();
  }
  return { digest: hash.digest('hex'), bytes: keep ? Buffer.concat(kept) : null };
};
