/** Compares the workspace with what went in, and writes what changed to two files: an index and the contents. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, constants as zlib } from 'node:zlib';
import { digestOf, isExecutable, type Original, piecesOf, readBaseline, readCopy, workspaceFiles } from './baseline.ts';
import { type FileLine, type JobFile, PATHS } from './job-file.ts';
import { type Found, withFile } from './walk.ts';

/** More files than these are not brought out; the engine keeps fewer. */
const MAX_FILES = 20_000;

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
    const baseline = readBaseline();
    for (const file of workspaceFiles(job.source !== null)) {
      const original = baseline.get(file.path);
      baseline.delete(file.path);
      if (count < MAX_FILES && !(original !== undefined && isUnchanged(file, original)))
        write(line('workspace', file, original === undefined ? undefined : beforeOf(original, store), store));
    }
    for (const [path, original] of baseline) {
      const kind = original.target === null ? 'file' : 'symlink';
      const rest = { kind, size: 0, executable: false, target: original.target, content: null } as const;
      write({ root: 'workspace', path, status: 'deleted', ...rest, before: beforeOf(original, store) });
    }
    const kept = givenBelowHome(job);
    for (const path of new Set(job.keep)) {
      withFile(PATHS.home, path, (file) => {
        const given = kept.get(path);
        write(line('home', file, given === undefined ? given : store.add(readFileSync(given)), store));
      });
    }
  } finally {
    closeSync(lines);
    store.close();
  }
};

/** Where the contents of the files are that went into the home. */
const givenBelowHome = (job: JobFile): Map<string, string> =>
  new Map(
    job.files.flatMap(({ root, path }, index) =>
      root === 'home' ? [[path, join(PATHS.own, 'files', String(index))] as const] : [],
    ),
  );

const isUnchanged = (file: Found, original: Original): boolean => {
  if (file.target !== null || original.target !== null) return file.target === original.target;
  const { size, executable, digest } = original;
  return file.stats.size === size && isExecutable(file) === executable && digestOf(file) === digest;
};

const beforeOf = ({ target, copy }: Original, store: Store): FileLine['before'] => {
  if (copy !== null) return store.add(readCopy(copy));
  return target === null ? 'not_kept' : null;
};

/** @param before undefined when there was nothing of that name */
const line = (root: FileLine['root'], file: Found, before: FileLine['before'] | undefined, store: Store): FileLine => {
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
    before: before ?? null,
  };
};

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
