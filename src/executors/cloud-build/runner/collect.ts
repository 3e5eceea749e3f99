/** Compares the workspace with what went in, and writes what changed to two files: an index and the contents. */
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, constants as zlib } from 'node:zlib';
import { type FileLine, type JobFile, PATHS } from './job-file.ts';
import { type Found, walk, withFile } from './walk.ts';

/** More files than these are not brought out; the engine keeps fewer. */
const MAX_FILES = 20_000;
const PIECE_BYTES = 4_194_304;

type Span = readonly [number, number];

export const collect = (job: JobFile, index: string, contents: string): void => {
  const lines = openSync(index, 'w', 0o600);
  const store = openStore(contents);
  let count = 0;
  const write = (line: FileLine): void => {
    count += 1;
    if (count <= MAX_FILES) writeSync(lines, `${JSON.stringify(line)}\n`);
  };
  try {
    const given = indexOf(job, 'workspace');
    for (const file of walk(PATHS.workspace)) {
      const before = given.get(file.path);
      given.delete(file.path);
      if (count < MAX_FILES && !(before !== undefined && isUnchanged(file, before)))
        write(line('workspace', file, before, store));
    }
    for (const [path, before] of given) {
      const rest = { kind: 'file', size: 0, executable: false, target: null, content: null } as const;
      write({ root: 'workspace', path, status: 'deleted', ...rest, before: store.add(readFileSync(original(before))) });
    }
    const kept = indexOf(job, 'home');
    for (const path of new Set(job.keep)) {
      withFile(PATHS.home, path, (file) => write(line('home', file, kept.get(path), store)));
    }
  } finally {
    closeSync(lines);
    store.close();
  }
};

const indexOf = (job: JobFile, root: 'workspace' | 'home'): Map<string, number> =>
  new Map(job.files.flatMap((file, index) => (file.root === root ? [[file.path, index] as const] : [])));

const original = (index: number): string => join(PATHS.own, 'files', String(index));

const isExecutable = (file: Found): boolean => file.stats.isFile() && (file.stats.mode & 0o111) !== 0;

const isUnchanged = (file: Found, before: number): boolean => {
  if (!file.stats.isFile() || isExecutable(file)) return false;
  const expected = readFileSync(original(before));
  if (expected.length !== file.stats.size) return false;
  let at = 0;
  for (const piece of piecesOf(file)) {
    if (!expected.subarray(at, at + piece.length).equals(piece)) return false;
    at += piece.length;
  }
  return at === expected.length;
};

const line = (root: 'workspace' | 'home', file: Found, before: number | undefined, store: Store): FileLine => {
  const link = file.target !== null;
  return {
    root,
    path: file.path,
    status: before === undefined ? 'added' : 'modified',
    kind: link ? 'symlink' : 'file',
    size: link ? 0 : file.stats.size,
    executable: isExecutable(file),
    target: file.target,
    content: link ? null : store.addAll(piecesOf(file)),
    before: before === undefined ? null : store.add(readFileSync(original(before))),
  };
};

function* piecesOf(file: Found): Generator<Buffer> {
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

interface Store {
  add(bytes: Uint8Array): Span;
  addAll(pieces: Iterable<Uint8Array>): Span;
  close(): void;
}

/** Compressed piece by piece: members one behind the other are one gzip stream again. */
const openStore = (path: string): Store => {
  const descriptor = openSync(path, 'w', 0o600);
  let size = 0;
  const write = (bytes: Uint8Array): void => {
    const packed = gzipSync(bytes, { level: zlib.Z_BEST_SPEED });
    for (let done = 0; done < packed.length; ) done += writeSync(descriptor, packed, done);
    size += packed.length;
  };
  const addAll = (pieces: Iterable<Uint8Array>): Span => {
    const start = size;
    let count = 0;
    for (const piece of pieces) {
      write(piece);
      count += 1;
    }
    if (count === 0) write(new Uint8Array());
    return [start, size - start];
  };
  return { addAll, add: (bytes) => addAll([bytes]), close: () => closeSync(descriptor) };
};
