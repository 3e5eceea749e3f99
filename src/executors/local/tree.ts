/**
 * Walks a directory that an agent filled. Hazards: names in any bytes, links to anywhere, FIFOs that would block who
 * opens them, directories without permissions, trees deeper than the longest path that the kernel takes.
 */
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, constants, type Dir, lstatSync, opendirSync, openSync, type Stats } from 'node:fs';
import { chmod, type FileHandle, open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { errorCode } from './place.ts';

/** Raw bytes of one component of a path, one character a byte. */
export type RawName = string;

export interface Found {
  readonly parts: readonly RawName[];
  /** Readable name, `/` between its parts; unique in the tree. */
  readonly path: string;
  readonly stats: Stats;
}

interface Folder {
  readonly parts: readonly RawName[];
  readonly names: readonly string[];
}

/** Well below PATH_MAX. */
const LONGEST_PATH = 3_000;
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const bytesOf = (path: string, parts: readonly RawName[]): Buffer =>
  Buffer.concat([Buffer.from(path), Buffer.from(parts.map((part) => `/${part}`).join(''), 'latin1')]);

/** Cuts a path so that each piece is short enough, or so that each has one component. */
const pieces = (parts: readonly RawName[], single: boolean): readonly (readonly RawName[])[] => {
  const found: RawName[][] = [[]];
  let length = 0;
  for (const part of parts) {
    length += part.length + 1;
    const last = found.at(-1);
    if (last === undefined || (last.length > 0 && (single || length > LONGEST_PATH))) {
      found.push([part]);
      length = part.length + 1;
    } else last.push(part);
  }
  return found;
};

/**
 * Calls `act` with a path that leads to `parts` below `root`, however long that is. With `wary`, no directory on the
 * way may be a symbolic link (ELOOP or ENOTDIR): needed for names that were not found by walking.
 */
export const withPath = async <Result>(
  root: string,
  parts: readonly RawName[],
  wary: boolean,
  act: (path: Buffer) => Promise<Result>,
): Promise<Result> => {
  const handles: FileHandle[] = [];
  let base = root;
  try {
    const steps = pieces(parts, wary);
    for (const step of steps.slice(0, -1)) {
      const handle = await open(bytesOf(base, step), DIRECTORY);
      handles.push(handle);
      base = `/proc/self/fd/${handle.fd}`;
    }
    return await act(bytesOf(base, steps.at(-1) ?? []));
  } finally {
    for (const handle of handles) await handle.close();
  }
};

/**
 * All regular files and symbolic links below `root`, but for those that are left out, which a directory is with all in
 * it. Holds the names of directories to come, never of files. What a job has just written is in memory, so looking at an
 * entry takes microseconds: a batch is looked at in one go, and others have their turn after it.
 */
export async function* walk(
  root: string,
  isLeftOut: (parts: readonly RawName[]) => boolean = () => false,
): AsyncGenerator<Found> {
  const folders: Folder[] = [{ parts: [], names: [] }];
  let untilOthers = BATCH;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { parts, names } = folder;
    // In batches: the reader's pace must not keep one way open for each level.
    for await (const batch of batchesIn(root, parts)) {
      for (const { raw, name, stats } of batch) {
        if (isLeftOut([...parts, raw])) continue;
        if (stats.isDirectory()) folders.push({ parts: [...parts, raw], names: [...names, name] });
        else if (stats.isFile() || stats.isSymbolicLink()) {
          yield { parts: [...parts, raw], path: [...names, name].join('/'), stats };
        }
      }
      untilOthers -= batch.length + 1;
      if (untilOthers > 0) continue;
      await setImmediate();
      untilOthers = BATCH;
    }
  }
}

interface Entry {
  readonly raw: RawName;
  readonly name: string;
  readonly stats: Stats;
}

const BATCH = 256;

async function* batchesIn(root: string, parts: readonly RawName[]): AsyncGenerator<readonly Entry[]> {
  const descriptor = await withPath(root, parts, false, openFolder);
  try {
    const base = `/proc/self/fd/${descriptor}`;
    const folder = opendirSync(base, { encoding: 'latin1', bufferSize: BATCH });
    try {
      for (let more = true; more; ) {
        const batch = nextBatch(base, folder);
        more = batch.length === BATCH;
        yield batch;
      }
    } finally {
      folder.closeSync();
    }
  } finally {
    closeSync(descriptor);
  }
}

const nextBatch = (base: string, folder: Dir): readonly Entry[] => {
  const batch: Entry[] = [];
  while (batch.length < BATCH) {
    const raw = folder.readSync()?.name;
    if (raw === undefined) break;
    batch.push({ raw, name: readableName(base, raw), stats: lstatSync(bytesOf(base, [raw])) });
  }
  return batch;
};

/** Opens a folder, also one that its owner may not look into, when that is us. */
const openFolder = async (path: Buffer): Promise<number> => {
  const stats = lstatSync(path);
  if ((stats.mode & 0o700) !== 0o700 && process.getuid?.() !== 0) chmodSync(path, 0o700);
  return openSync(path, DIRECTORY);
};

const readableName = (base: string, raw: RawName): string => {
  const bytes = Buffer.from(raw, 'latin1');
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  let unique = `${text}~${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}`;
  while (lstatSync(`${base}/${unique}`, { throwIfNoEntry: false }) !== undefined && unique.length < 250) unique += '~';
  return unique;
};

/** The bytes of a name as `Found.parts` has them. */
export const rawName = (text: string): RawName => Buffer.from(text).toString('latin1');

/** Opens a regular file for reading; null for anything else. Never blocks and never follows a link. */
export const openFile = async (path: Buffer): Promise<FileHandle | null> => {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(path, flags).catch(async (error: unknown) => {
    if (errorCode(error) !== 'EACCES') throw error;
    await chmod(path, 0o600);
    return await open(path, flags);
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  return null;
};
