/** Before all tests: the dashboard is built if its sources changed since, so that no test looks at an old one. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { isStale } from '../../../scripts/setup/dashboard.mjs';

const ROOT = `${resolve(import.meta.dirname, '../../..')}/`;

export const setup = (): void => {
  if (!isStale(ROOT)) return;
  const built = spawnSync(process.execPath, [`${ROOT}scripts/build-dashboard.mjs`], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`The dashboard could not be built: ${built.stdout}${built.stderr}`);
};
