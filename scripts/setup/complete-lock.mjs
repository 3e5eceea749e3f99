/** `node scripts/setup/complete-lock.mjs`: after `npm install` of a new package; lock-file.mjs says why. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { completed, missingOptional } from './lock-file.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const path = `${root}package-lock.json`;
const lock = JSON.parse(readFileSync(path, 'utf8'));
const missing = missingOptional(lock.packages);

if (missing.length === 0) {
  console.log('package-lock.json names every optional package: nothing to do.');
} else {
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: completed(lock.packages) }, null, 2)}\n`);
  console.log(`Added ${missing.length} optional packages of other platforms; npm puts them in their places now.`);
  const npm = spawnSync('npm', ['install', '--loglevel=error'], { cwd: root, stdio: 'inherit' });
  process.exitCode = npm.status ?? 1;
}
