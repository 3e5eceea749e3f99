/** Preparations that would fill the disk: the step is ended, the run fails by name of it, and nothing stays behind. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_REGISTRY_SETTINGS } from '../../../../src/executors/local/prepare/registries.ts';
import { openGitServer } from '../../../support/registries/git-server.ts';
import { openNpmRegistry } from '../../../support/registries/npm-registry.ts';
import { type LocalServer, serveLocally } from '../../../support/registries/serve.ts';
import { processesWith } from '../host-traces.ts';
import { shell } from '../jobs.ts';
import { type OpenPreparing, openPreparing } from './open-preparing.ts';

const MEBIBYTE = 1_048_576;
const QUOTA_MB = 32;

describe('a preparation that takes more of the disk than it may', () => {
  let open: OpenPreparing;
  let server: LocalServer | undefined;
  beforeEach(async () => {
    open = await openPreparing();
  });
  afterEach(async () => {
    await open.close();
    await server?.close();
  });

  const namesIn = (dir: string): readonly string[] =>
    existsSync(dir) ? readdirSync(dir).filter((name) => !/^\.(etc|programs|steps)|\.lock$/.test(name)) : [];
  const expectNothingLeft = (text: string): void => {
    for (const dir of ['runs', 'runs/.steps', 'packages']) expect(namesIn(join(open.dataDir, dir))).toEqual([]);
    expect(processesWith(text)).toEqual([]);
  };
  const FULL = {
    message: expect.stringContaining('within its limit of disk'),
    hint: expect.stringContaining('Nothing was executed'),
  };

  it('is ended when pip downloads without end', async () => {
    const index = await serveLocally((request, response) => {
      if (request.url !== '/simple/bottomless/') response.write(Buffer.alloc(QUOTA_MB * MEBIBYTE + MEBIBYTE / 2));
      else
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<!DOCTYPE html><html><body><a href="/bottomless-1.0-py3-none-any.whl">bottomless</a></body></html>');
    });
    server = index;
    const registries = { ...NO_REGISTRY_SETTINGS, pipIndex: `${index.url}/simple` };
    const started = open
      .executor({ registries, stepDiskMb: QUOTA_MB })
      .start(shell('true', { packages: ['bottomless==1.0'] }));
    await expect(started).rejects.toMatchObject({ code: 'packages_failed', ...FULL });
    expectNothingLeft('bottomless==1.0');
  }, 60_000);

  it('is ended when an install script of npm writes without end into what the step before has made', async () => {
    const script = 'for i in 1 2 3 4 5; do head -c 10M /dev/zero > fill$i; done; exec sleep 45';
    const manifest = { scripts: { postinstall: script } };
    const registry = await openNpmRegistry([{ name: 'greedy', version: '1.0.0', manifest, files: { 'index.js': '' } }]);
    server = registry;
    const registries = { ...NO_REGISTRY_SETTINGS, npmRegistry: registry.url };
    const started = open
      .executor({ registries, stepDiskMb: QUOTA_MB })
      .start(shell('true', { packages: ['npm:greedy@1.0.0'] }));
    await expect(started).rejects.toMatchObject({ code: 'packages_failed', ...FULL });
    expectNothingLeft('greedy');
  }, 60_000);

  it('is ended when a repository is larger', async () => {
    const git = await openGitServer();
    server = git;
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(git.dir, name), randomBytes(12 * MEBIBYTE));
    git.git('add', '.');
    git.git('commit', '--quiet', '-m', 'large');
    git.keepEnds();
    const source = { git: `${git.url}/project.git`, ref: 'main' };
    const started = open.executor({ stepDiskMb: QUOTA_MB }).start(shell('true', { source }));
    await expect(started).rejects.toMatchObject({ code: 'source_failed', ...FULL });
    expectNothingLeft(git.url);
  }, 60_000);
});
