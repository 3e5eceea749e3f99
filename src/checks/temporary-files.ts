/** The directory for temporary files, tried by writing to it. */
import { statfsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../ports/executor.ts';

const part = 'temporary files';
const PIECE = new Uint8Array(262_144);
const LOW_BYTES = 64 * 1_048_576;

/** @param directory as `os.tmpdir()` gives it */
export const checkTemporaryFiles = async (directory: string): Promise<Finding> => {
  const mend = `df -h ${directory}   # free space there, or set TMPDIR to another directory`;
  try {
    const probe = await mkdtemp(join(directory, 'slipway-probe-'));
    try {
      await writeFile(join(probe, 'piece'), PIECE);
    } finally {
      await rm(probe, { recursive: true, force: true });
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { part, status: 'degraded', detail: `${directory} cannot be written (${code})`, mend };
  }
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  const detail = `${Math.floor(free / 1_048_576)} MiB free in ${directory}`;
  return free < LOW_BYTES ? { part, status: 'degraded', detail, mend } : { part, status: 'ok', detail, mend: null };
};
