/**
 * Installed packages by what they were made from. An entry is a directory that appears whole, by a rename, and is never
 * written again. Beside it, `<key>.used` tells when it was last mounted.
 *
 * Nothing is removed under a living place: a place mounts an entry when it starts and lives for a day at most, and only
 * what nobody has mounted for thirty days goes.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DomainError } from '../../../core/errors.ts';
import { errorCode, freshName } from '../place.ts';
import { removeTree } from '../release.ts';

const KEPT_MS = 30 * 86_400_000;
const KEY = /^[0-9a-f]{64}$/;
/** Of an entry that is on its way out. */
const GONE = '.gone-';

export interface PackageCache {
  /** Directory of an entry, noted as used now; null when there is none. */
  find(key: string): string | null;
  /** Makes `tree` the entry; the one that is there stays. On the disk for good when it resolves. */
  publish(key: string, tree: string): Promise<string>;
  /** Removes what nobody has used for thirty days, and what a crash left of a removal. Returns how many entries. */
  expire(): Promise<number>;
}

/** SHA-256, hex, of what an installation is made from. */
export const cacheKey = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** @param now milliseconds since the epoch */
export const createPackageCache = (dir: string, now: () => number): PackageCache => {
  const touch = (key: string): void => {
    const path = join(dir, `${key}.used`);
    const at = now() / 1_000;
    if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 });
    utimesSync(path, at, at);
  };
  const usedAt = (key: string): number => statSync(join(dir, `${key}.used`), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isOld = (key: string): boolean => now() - usedAt(key) > KEPT_MS;

  const find = (key: string): string | null => {
    const entry = join(dir, key);
    if (!existsSync(entry)) return null;
    touch(key);
    // Looked at again: what is touched is not removed any more, but may have been just before.
    return existsSync(entry) ? entry : null;
  };

  const remove = async (key: string): Promise<boolean> => {
    const away = join(dir, `${GONE}${freshName()}`);
    try {
      renameSync(join(dir, key), away);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
    if (!isOld(key)) {
      // Somebody began to use it in between.
      renameSync(away, join(dir, key));
      return false;
    }
    rmSync(join(dir, `${key}.used`), { force: true });
    await removeTree(away);
    return true;
  };

  return {
    find,
    publish: async (key, tree) => {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      // A rename can reach the disk before the bytes of what was renamed, and a power cut would leave empty files.
      await promisify(execFile)('sync', ['-f', tree]);
      touch(key);
      const entry = join(dir, key);
      try {
        chmodSync(tree, 0o755);
        renameSync(tree, entry);
      } catch (error) {
        const code = errorCode(error) ?? 'unknown error';
        if (code !== 'ENOTEMPTY' && code !== 'EEXIST') {
          throw new DomainError('place_unavailable', `The package cache cannot be written (${code}).`, {
            hint: 'Nothing was executed. The cache and the run directories must be on one file system with free space.',
            cause: error,
          });
        }
      }
      return entry;
    },
    expire: async () => {
      let removed = 0;
      for (const name of existsSync(dir) ? readdirSync(dir) : []) {
        if (name.startsWith(GONE)) await removeTree(join(dir, name));
        else if (KEY.test(name) && isOld(name) && (await remove(name))) removed += 1;
      }
      return removed;
    },
  };
};
