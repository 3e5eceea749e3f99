/**
 * Space on the disk that is kept for ending what has begun. When the disk is full, it is given up, so that runs can
 * still be ended and their places, which may be what fills the disk, be removed; meanwhile nothing new is taken on.
 *
 * States: held (the file has its size) ──the disk is full──▶ spent (the file is gone) ──there is space again──▶ held.
 * The file is the state: several processes over one database share it.
 */
import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { asDomainError, fullDisk } from './failures.ts';

export interface Reserve {
  /** Gives the space up; false when there was none to give. */
  spend(): boolean;
  /** Makes sure that the space is held. Throws `store_unavailable` when the disk has no room for it. */
  hold(): void;
}

const BLOCK = 262_144;

/** @param bytes nothing is reserved when 0 */
export const createReserve = (databasePath: string, bytes: number): Reserve => {
  const path = `${databasePath}-reserve`;
  const held = (): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const take = (): void => {
    const file = openSync(path, 'w', 0o600);
    try {
      // Written, not only made long: a hole holds nothing.
      for (let left = bytes; left > 0; left -= BLOCK) writeSync(file, Buffer.alloc(Math.min(left, BLOCK)));
    } finally {
      closeSync(file);
    }
  };
  return {
    spend: () => {
      if (held() === 0) return false;
      rmSync(path, { force: true });
      return true;
    },
    hold: () => {
      if (held() >= bytes) return;
      // Looked at first: to write until it fails would take, for a moment, the last space from whoever runs.
      const { bavail, bsize } = statfsSync(dirname(path));
      if (bavail * bsize < 2 * bytes) throw fullDisk(databasePath);
      try {
        take();
      } catch (error) {
        rmSync(path, { force: true });
        throw asDomainError(error, databasePath);
      }
    },
  };
};
