/** Blobs as files: `<root>/<run>/<name>`. Both parts are ours; what an agent calls its files never names one here. */
import { closeSync, createReadStream, fsync, mkdirSync, openSync, renameSync, rmSync, writeFile } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isUuid, type RunId } from '../../core/ids.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';

const NAME = /^[a-z0-9._-]+$/;

/** @param root directory that is made when the first blob is written */
export const createDiskArtifacts = (root: string): ArtifactStore => {
  const folder = (run: RunId): string => {
    if (!isUuid(run)) throw new TypeError(`Not a run id: ${JSON.stringify(run)}`);
    return join(root, run);
  };
  const file = (run: RunId, name: string): string => {
    if (!NAME.test(name) || name.startsWith('.')) throw new TypeError(`Not a blob name: ${JSON.stringify(name)}`);
    return join(folder(run), name);
  };

  return {
    put: async (run, name, content) => {
      const path = file(run, name);
      mkdirSync(folder(run), { recursive: true, mode: 0o700 });
      const partial = `${path}.${process.pid}.part`;
      try {
        const size = await writePieces(partial, content);
        renameSync(partial, path);
        await sync(folder(run));
        return size;
      } catch (error) {
        rmSync(partial, { force: true });
        throw error;
      }
    },
    get: async (run, name) => {
      const path = file(run, name);
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      if (found === null) return null;
      return { size: found.size, read: (start = 0) => createReadStream(path, { start }) };
    },
    remove: async (run) => {
      await rm(folder(run), { recursive: true, force: true });
    },
  };
};

/** What waits for the disk leaves the event loop to others; what takes microseconds does not. */
const synced = promisify(fsync);
const written = promisify(writeFile);

/** Writes piece by piece, each before the next is asked for, down to the disk. Resolves with the size in bytes. */
const writePieces = async (path: string, content: AsyncIterable<Uint8Array>): Promise<number> => {
  const file = openSync(path, 'w', 0o600);
  try {
    let size = 0;
    for await (const piece of content) {
      // By its descriptor, a file is written on from where it was.
      await written(file, piece);
      size += piece.length;
    }
    await synced(file);
    return size;
  } finally {
    closeSync(file);
  }
};

/** Makes a rename in a directory survive power loss. */
const sync = async (directory: string): Promise<void> => {
  const file = openSync(directory, 'r');
  try {
    await synced(file);
  } finally {
    closeSync(file);
  }
};
