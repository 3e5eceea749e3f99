/** What is large and was not chosen is not loaded. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openDataDir } from '../support/server/server.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Modules of Google's clients that a process has loaded after it has run `code`. */
const loadedBy = async (code: string, dataDir: string): Promise<string[]> => {
  const program = `
    import { createRequire } from 'node:module';
    ${code}
    const loaded = Object.keys(createRequire('${ROOT}/package.json').cache);
    console.log(JSON.stringify(loaded.filter((path) => /@google-cloud|@googleapis|google-gax|google-auth|@grpc/.test(path))));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: dataDir, SLIPWAY_DATA_DIR: dataDir },
    maxBuffer: 8 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]');
};

it('a server with SQLite loads no client of Google', async () => {
  const { path, remove } = await openDataDir();
  try {
    const open = `
      const { openApp } = await import('${ROOT}/src/app.ts');
      const { parseConfig } = await import('${ROOT}/src/config.ts');
      const { createLogger } = await import('${ROOT}/src/system/logger.ts');
      const config = parseConfig({ PORT: '0', SLIPWAY_DATA_DIR: process.env.SLIPWAY_DATA_DIR });
      const app = await openApp(config, createLogger('silent', () => undefined), { demo: true });
      await app.close();`;
    expect(await loadedBy(open, path)).toEqual([]);
    // So that the test would see one.
    const client = await loadedBy(`await import('${ROOT}/src/stores/firestore/open.ts');`, path);
    expect(client.some((file) => file.includes('@google-cloud/firestore'))).toBe(true);
  } finally {
    await remove();
  }
}, 60_000);
