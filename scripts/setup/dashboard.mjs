/** Whether the built dashboard is that of the sources: by a digest of everything that goes into it. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the build writes down what it was made of. */
export const MARK = 'sources.sha256';

const FOLDERS = ['web', 'src/client', 'src/api', 'src/core'];
const FILES = ['package-lock.json', 'scripts/build-dashboard.mjs'];

/**
 * Digest of the dashboard's sources, hex.
 * @param {string} root
 */
export const fingerprint = (root) => {
  const hash = createHash('sha256');
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.\w+$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  for (const path of [...inFolders, ...FILES.map((name) => join(root, name))].toSorted()) {
    const bytes = readFileSync(path);
    hash.update(`${path.slice(root.length)} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
};

/**
 * True when there is no dashboard, or one of other sources.
 * @param {string} root
 */
export const isStale = (root) => {
  const mark = join(root, 'dist', 'web', MARK);
  return !existsSync(mark) || readFileSync(mark, 'utf8') !== fingerprint(root);
};
