/** `npm run build`: the program in dist/, and the dashboard in dist/web, for the package. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = dirname(fileURLToPath(new URL('.', import.meta.url)));
const out = join(root, 'dist');
rmSync(out, { recursive: true, force: true });
await bundle(root, out);
const web = spawnSync(process.execPath, [join(root, 'scripts/build-dashboard.mjs')], { stdio: 'inherit' });
process.exitCode = web.status ?? 1;
