/** A disk of a few megabytes that a test can fill, and free again. Only root may mount one. */
import { execFile } from 'node:child_process';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DataDir, openDataDir } from './server.ts';

const run = promisify(execFile);

export interface SmallDisk extends DataDir {
  /** Leaves no byte free. */
  fill(): Promise<void>;
  /** Takes away what `fill` wrote. */
  free(): Promise<void>;
  freeBytes(): Promise<number>;
}

export const openSmallDisk = async (megabytes: number): Promise<SmallDisk> => {
  const folder = await openDataDir();
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'slipway-small-disk', folder.path]);
  const filler = join(folder.path, 'filler');
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(folder.path);
    return bavail * bsize;
  };
  return {
    path: folder.path,
    freeBytes,
    fill: async () => {
      const file = await open(filler, 'a');
      try {
        const block = Buffer.alloc(65_536);
        for (;;) await file.write(block);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
    remove: async () => {
      await run('umount', ['--lazy', folder.path]);
      await folder.remove();
    },
  };
};
