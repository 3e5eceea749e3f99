/** `npm run build`: the sources as JavaScript in dist/, and the dashboard in dist/web, for the package. */
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
const tsc = spawnSync(`${root}node_modules/.bin/tsc`, ['-p', `${root}tsconfig.build.json`], { stdio: 'inherit' });
if (tsc.status === 0) chmodSync(`${root}dist/cli/main.js`, 0o755);
const web =
  tsc.status === 0 ? spawnSync(process.execPath, [`${root}scripts/build-dashboard.mjs`], { stdio: 'inherit' }) : tsc;
process.exitCode = web.status ?? 1;
