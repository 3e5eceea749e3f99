/** What an execution left: its workspace compared with what went in, and the files of its home that were asked for. */
import { lstat, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileOut, Root } from '../../ports/executor.ts';
import { isLeftOut, readBaseline } from './baseline.ts';
import { errorCode, type Place, type PlaceRecord } from './place.ts';
import { type Found, openFile, rawName, walk, withPath } from './tree.ts';

const CHUNK_BYTES = 65_536;

/** Files of a place after its end. */
export async function* filesOf(place: Place, record: PlaceRecord): AsyncGenerator<FileOut> {
  const baseline = await readBaseline(place.path('base'));
  const given = indexOf(record, 'workspace');
  const missing = new Set([...given.keys(), ...(baseline?.paths() ?? [])]);
  const beforeAt = async (path: string): Promise<Uint8Array | null> => {
    const index = given.get(path);
    return index === undefined ? ((await baseline?.before(path)) ?? null) : await beforeOf(place, index);
  };
  for await (const found of walk(place.path('workspace'), baseline === null ? undefined : isLeftOut)) {
    const known = missing.delete(found.path);
    const index = given.get(found.path);
    if (index !== undefined) {
      if (await isUnchanged(place, found, index)) continue;
    } else if ((await baseline?.isUnchanged(place.path('workspace'), found)) === true) continue;
    yield await fileOut(place, 'workspace', found, known, () => beforeAt(found.path));
  }
  for (const path of missing) yield deletedFile(path, () => beforeAt(path));
  const kept = indexOf(record, 'home');
  for (const path of new Set(record.keep)) {
    const found = await keptFile(place, path);
    const index = kept.get(path);
    if (found !== null) {
      yield await fileOut(place, 'home', found, index !== undefined, () => beforeOf(place, index));
    }
  }
}

const indexOf = (record: PlaceRecord, root: Root): Map<string, number> =>
  new Map(record.files.flatMap((file, index) => (file.root === root ? [[file.path, index] as const] : [])));

const isUnchanged = async (place: Place, found: Found, index: number): Promise<boolean> => {
  const before = join(place.path('in'), String(index));
  if (!found.stats.isFile() || isExecutable(found)) return false;
  if ((await lstat(before)).size !== found.stats.size) return false;
  // It went in from memory, so it fits in there again; what came out is compared piece by piece.
  const expected = await readFile(before);
  let at = 0;
  for await (const bytes of contentOf(place, 'workspace', found)) {
    if (!expected.subarray(at, at + bytes.length).equals(bytes)) return false;
    at += bytes.length;
  }
  return at === expected.length;
};

const isExecutable = (found: Found): boolean => (found.stats.mode & 0o111) !== 0;

const fileOut = async (
  place: Place,
  root: Root,
  found: Found,
  known: boolean,
  before: () => Promise<Uint8Array | null>,
): Promise<FileOut> => {
  const link = found.stats.isSymbolicLink();
  return {
    root,
    path: found.path,
    status: known ? 'modified' : 'added',
    kind: link ? 'symlink' : 'file',
    size: link ? 0 : found.stats.size,
    executable: !link && isExecutable(found),
    target: link ? await withPath(place.path(root), found.parts, true, targetOf) : null,
    content: () => (link ? nothing() : contentOf(place, root, found)),
    before,
  };
};

const targetOf = async (path: Buffer): Promise<string> => (await readlink(path, 'buffer')).toString('utf8');

const deletedFile = (path: string, before: () => Promise<Uint8Array | null>): FileOut => ({
  root: 'workspace',
  path,
  status: 'deleted',
  kind: 'file',
  size: 0,
  executable: false,
  target: null,
  content: nothing,
  before,
});

const beforeOf = async (place: Place, index: number | undefined): Promise<Uint8Array | null> =>
  index === undefined ? null : await readFile(join(place.path('in'), String(index)));

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* contentOf(place: Place, root: Root, found: Found): AsyncGenerator<Uint8Array> {
  const file = await withPath(place.path(root), found.parts, true, openFile);
  if (file === null) return;
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES']);

/** A file that was asked for by name: an agent may have put a link in its way, which is not followed. */
const keptFile = async (place: Place, path: string): Promise<Found | null> => {
  const parts = path.split('/').map(rawName);
  try {
    const stats = await withPath(place.path('home'), parts, true, (raw) => lstat(raw));
    return stats.isFile() || stats.isSymbolicLink() ? { parts, path, stats } : null;
  } catch (error) {
    if (GONE.has(errorCode(error) ?? '')) return null;
    throw error;
  }
};
