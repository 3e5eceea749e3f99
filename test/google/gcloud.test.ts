/** An independent client of the emulator: the unchanged `gcloud`. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, openEmulator } from '../support/google/emulator.ts';

const isInstalled = (): boolean => {
  try {
    execFileSync('gcloud', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

// The tests are not there at all where there is no gcloud: it is no dependency of the project.
if (isInstalled()) {
  describe('gcloud against the emulator', () => {
    let emulator: Emulator;
    let folder: string;
    beforeAll(async () => {
      emulator = await openEmulator({ logFlushMs: 20 });
      folder = await mkdtemp(join(tmpdir(), 'slipway-gcloud-'));
    });
    afterAll(async () => {
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    });

    const gcloud = async (...args: string[]): Promise<string> => {
      const { stdout } = await promisify(execFile)('gcloud', [...args, '--region=us-central1', '--quiet'], {
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          CLOUDSDK_CONFIG: join(folder, 'config'),
          CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDBUILD: `${emulator.url}/`,
          CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
          CLOUDSDK_CORE_PROJECT: 'demo',
          CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
        },
      });
      return stdout;
    };

    it('submits, lists, describes and cancels builds', { timeout: 120_000 }, async () => {
      const config = join(folder, 'cb.yaml');
      await writeFile(
        config,
        'steps:\n- name: debian\n  entrypoint: /bin/sh\n  args: [-c, "sleep 600"]\ntags: [mine]\n',
      );
      const submitted = await gcloud(
        'builds',
        'submit',
        '--no-source',
        '--async',
        `--config=${config}`,
        '--format=value(id)',
      );
      const id = submitted.trim();
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect((await gcloud('builds', 'list', '--format=value(id,status)')).trim()).toBe(`${id}\tWORKING`);
      const described = JSON.parse(await gcloud('builds', 'describe', id, '--format=json'));
      expect(described).toMatchObject({ id, status: 'WORKING', tags: ['mine'], projectId: 'demo' });
      await gcloud('builds', 'cancel', id);
      expect((await gcloud('builds', 'describe', id, '--format=value(status)')).trim()).toBe('CANCELLED');
    });
  });
}
