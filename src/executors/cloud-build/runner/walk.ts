/**
 * Walks a directory that an agent filled. Hazards: names in any bytes, links to anywhere, FIFOs that would block who
 * opens them, trees deeper than the longest path: each step goes from an opened directory to a name in it.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, type Stats } from 'node:fs';

export interface Found {
  /** Readable name, `/` between its parts; unique in the tree. */
  readonly path: string;
  readonly stats: Stats;
  /** Where a link points. */
  readonly target: string | null;
  /** Opened for reading, the caller's to close; null for a link, or when it changed under us. */
  open(): number | null;
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Deeper trees are left out from here on. */
const MAX_DEPTH = 400;

const below = (descriptor: number, name: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`/proc/self/fd/${descriptor}/`), name]);

/** All regular files and links below `root`, depth first. @param without names in `root` itself that are left out */
export function* walk(root: string, without: readonly string[] = []): Generator<Found> {
  const descriptor = openSync(root, DIRECTORY);
  try {
    yield* inside(descriptor, '', 0, without);
  } finally {
    closeSync(descriptor);
  }
}

function* inside(folder: number, path: string, depth: number, without: readonly string[] = []): Generator<Found> {
  const all = readdirSync(`/proc/self/fd/${folder}`, { encoding: 'buffer' });
  const names = all.filter((name) => !without.includes(name.toString('utf8')));
  const taken = new Set(names.map((name) => name.toString('utf8')));
  for (const name of names) {
    const at = below(folder, name);
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    const readable = `${path}${readableName(name, taken)}`;
    if (stats.isDirectory() && depth < MAX_DEPTH) {
      const child = openSync(at, DIRECTORY);
      try {
        yield* inside(child, `${readable}/`, depth + 1);
      } finally {
        closeSync(child);
      }
    } else if (stats.isFile() || stats.isSymbolicLink()) yield found(at, readable, stats);
  }
}

const found = (at: Buffer, path: string, stats: Stats): Found => ({
  path,
  stats,
  target: stats.isSymbolicLink() ? readlinkSync(at, 'buffer').toString('utf8') : null,
  open: () => {
    if (!stats.isFile()) return null;
    const descriptor = openSync(at, FILE);
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
    return null;
  },
});

const readableName = (bytes: Buffer, taken: ReadonlySet<string>): string => {
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  let unique = `${text}~${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}`;
  while (taken.has(unique)) unique += '~';
  return unique;
};

/** A file by its name, no directory on the way being a link; null when there is none. `use` gets it while it is open. */
export const withFile = (root: string, path: string, use: (file: Found) => void): void => {
  const opened: number[] = [];
  try {
    opened.push(openSync(root, DIRECTORY));
    const parts = path.split('/');
    const last = parts.pop() ?? '';
    for (const part of parts) opened.push(openSync(below(opened.at(-1) ?? -1, Buffer.from(part)), DIRECTORY));
    const at = below(opened.at(-1) ?? -1, Buffer.from(last));
    const stats = lstatSync(at);
    if (stats.isFile() || stats.isSymbolicLink()) use(found(at, path, stats));
  } catch (error) {
    if (!isGone(error)) throw error;
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
};

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(String(error.code));
