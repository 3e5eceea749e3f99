/** Packages from registries on loopback, installed by the real npm and the real pip, used by a job. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RegistrySettings } from '../../../../src/executors/local/prepare/registries.ts';
import { NO_REGISTRY_SETTINGS } from '../../../../src/executors/local/prepare/registries.ts';
import { openNpmRegistry } from '../../../support/registries/npm-registry.ts';
import { openPipIndex } from '../../../support/registries/pip-index.ts';
import type { LocalServer } from '../../../support/registries/serve.ts';
import { printed, run, shell } from '../jobs.ts';
import { listener, type OpenPreparing, openPreparing, stepsOf } from './open-preparing.ts';

const LEFT = {
  name: 'left-side',
  version: '1.3.0',
  manifest: { bin: { 'left-side': 'cli.js' }, dependencies: { 'of-left': '1.0.0' } },
  files: {
    'index.js': `module.exports = (text) => '*' + text + require('of-left');`,
    'cli.js': `#!/usr/bin/env node\nconsole.log('left-side says', require('left-side')('x'));`,
  },
};
const OF_LEFT = { name: 'of-left', version: '1.0.0', files: { 'index.js': `module.exports = '!';` } };
const BUILT = {
  name: 'built',
  version: '1.0.0',
  manifest: { scripts: { postinstall: 'node make.js' } },
  files: { 'make.js': `require('fs').writeFileSync('made.js', 'module.exports = "made"')` },
};
const BROKEN = {
  name: 'broken',
  version: '1.0.0',
  manifest: { scripts: { postinstall: 'echo it is too bad >&2; exit 7' } },
  files: {},
};
const PYTHON = {
  name: 'frames',
  version: '2.2.2',
  kind: 'wheel' as const,
  files: { 'frames/__init__.py': `value = 'of frames'\ndef main(): print('frames says', value)\n` },
  scripts: 'frames-tool = frames:main',
};
const PIP_BROKEN = {
  name: 'crash',
  version: '1.0',
  kind: 'source' as const,
  files: {
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    'backend.py': 'raise RuntimeError("this build is broken")\n',
  },
};

describe('packages of a job', () => {
  let npm: LocalServer;
  let pip: LocalServer;
  let open: OpenPreparing;
  let registries: RegistrySettings;
  beforeAll(async () => {
    npm = await openNpmRegistry([LEFT, OF_LEFT, BUILT, BROKEN]);
    pip = await openPipIndex([PYTHON, PIP_BROKEN]);
    registries = { ...NO_REGISTRY_SETTINGS, npmRegistry: npm.url, pipIndex: `${pip.url}/simple` };
  });
  afterAll(() => Promise.all([npm.close(), pip.close()]));
  beforeEach(async () => {
    open = await openPreparing();
    npm.asked.length = 0;
    pip.asked.length = 0;
  });
  afterEach(() => open.close());

  const entries = () =>
    existsSync(join(open.dataDir, 'packages'))
      ? readdirSync(join(open.dataDir, 'packages')).filter((name) => !name.endsWith('.used'))
      : [];
  const stepsLeft = () =>
    readdirSync(join(open.dataDir, 'runs', '.steps')).filter((name) => /^[0-9a-f-]{36}(\.way)?$/.test(name));
  const USE = `node -e "console.log(require('left-side')('a'))"; left-side; python3 -c 'import frames; print(frames.value)'; frames-tool`;
  const packages = ['npm:left-side@1.3.0', 'frames==2.2.2'];

  it('are there for Node.js and Python, with their commands; the second time nothing is installed', async () => {
    const executor = open.executor({ registries });
    const first = listener();
    const execution = await executor.start(shell(USE, { packages }), first);
    const { stdout, stderr } = await printed(execution);
    await execution.release();
    expect(stderr.toString()).toBe('');
    expect(stdout.toString()).toBe('*a!\nleft-side says *x!\nof frames\nframes says of frames\n');
    expect(stepsOf(first)).toEqual(['packages started', 'packages done', 'packages started', 'packages done']);
    expect(entries()).toHaveLength(2);
    expect(stepsLeft()).toEqual([]);
    const asked = npm.asked.length + pip.asked.length;
    const second = listener();
    const again = await open.executor({ registries }).start(shell(USE, { packages: packages.toReversed() }), second);
    expect((await printed(again)).stdout.toString()).toBe(stdout.toString());
    await again.release();
    expect(stepsOf(second)).toEqual(['packages cached', 'packages cached']);
    expect(npm.asked.length + pip.asked.length).toBe(asked);
  }, 120_000);

  it('are among what is checked, and what is missing for them keeps nothing else from going', async () => {
    const { findings } = await open.executor({ registries }).check();
    for (const part of ['pip packages', 'npm packages', 'repositories']) {
      expect(findings.find((finding) => finding.part === part)).toMatchObject({ status: 'ok', mend: null });
    }
  }, 60_000);

  it('can be written by nobody afterwards', async () => {
    const script = `for dir in /opt/slipway/packages/*; do touch "$dir/x" 2>/dev/null && echo "wrote $dir"; rm -rf "$dir" 2>/dev/null; done
      mount -o remount,rw /opt/slipway/packages/node 2>/dev/null && echo mounted; node -p "require('left-side')('a')"`;
    const { stdout } = await run(open.executor({ registries }), shell(script, { packages }));
    expect(stdout).toBe('*a!\n');
  }, 120_000);

  it('are installed once, however many want them at the same time, in this process and in others', async () => {
    const asking = npm.hold();
    const executors = [open.executor({ registries }), open.executor({ registries })];
    const starts = Array.from({ length: 6 }, (_, index) =>
      executors[index % 2]?.start(shell(`node -p "require('left-side')('a')"`, { packages: ['npm:left-side@1.3.0'] })),
    );
    await asking;
    npm.letGo();
    for (const execution of await Promise.all(starts)) {
      if (execution === undefined) throw new Error('unreachable');
      expect((await printed(execution)).stdout.toString()).toBe('*a!\n');
      await execution.release();
    }
    expect(npm.asked.filter((path) => path.endsWith('left-side-1.3.0.tgz'))).toHaveLength(1);
    expect(entries()).toHaveLength(1);
  }, 120_000);

  it('have their install scripts run', async () => {
    const job = shell(`node -p "require('built/made.js')"`, { packages: ['npm:built@1.0.0'] });
    expect(await run(open.executor({ registries }), job)).toMatchObject({ stdout: 'made\n' });
  }, 120_000);

  it.each([
    ['npm:broken@1.0.0', 'it is too bad'],
    ['npm:left-side@9.9.9', 'left-side@9.9.9'],
    ['crash==1.0', 'this build is broken'],
    ['frames==9.9', 'frames==9.9'],
  ])(
    'fail with the words of the installer, and leave nothing: %s',
    async (name, words) => {
      const started = open.executor({ registries }).start(shell('true', { packages: [name] }), listener());
      await expect(started).rejects.toMatchObject({
        code: 'packages_failed',
        message: expect.stringContaining(words),
        hint: expect.stringContaining('Nothing was executed'),
      });
      expect(entries()).toEqual([]);
      expect(stepsLeft()).toEqual([]);
      expect(readdirSync(join(open.dataDir, 'runs')).filter((file) => !file.startsWith('.'))).toEqual([]);
    },
    120_000,
  );

  it('are broken off within five seconds, and nothing of the installation is alive', async () => {
    const watch = listener();
    const asking = pip.hold();
    const started = open.executor({ registries }).start(shell('true', { packages: ['frames==2.2.2'] }), watch);
    started.catch(() => undefined);
    await asking;
    const before = Date.now();
    watch.abort();
    await expect(started).rejects.toMatchObject({ code: 'start_aborted' });
    expect(Date.now() - before).toBeLessThan(5_000);
    expect(execFileSync('ps', ['-eo', 'args']).toString()).not.toContain('frames==2.2.2');
    expect(entries()).toEqual([]);
    expect(stepsLeft()).toEqual([]);
    pip.letGo();
    const job = shell(`python3 -c 'import frames; print(frames.value)'`, { packages: ['frames==2.2.2'] });
    expect(await run(open.executor({ registries }), job)).toMatchObject({ stdout: 'of frames\n' });
  }, 120_000);

  it('go on for who still waits when another one leaves', async () => {
    const [leaves, stays] = [listener(), listener()];
    const executor = open.executor({ registries });
    const asking = npm.hold();
    const job = (script: string) => shell(script, { packages: ['npm:left-side@1.3.0'] });
    const first = executor.start(job('true'), leaves);
    const second = executor.start(job(`node -p "require('left-side')('a')"`), stays);
    first.catch(() => undefined);
    await asking;
    leaves.abort();
    await expect(first).rejects.toMatchObject({ code: 'start_aborted' });
    npm.letGo();
    const execution = await second;
    expect((await printed(execution)).stdout.toString()).toBe('*a!\n');
    await execution.release();
    // Asked for once: the same installation went on.
    expect(npm.asked.filter((path) => path === 'GET /left-side')).toHaveLength(1);
    expect(npm.asked.filter((path) => path.endsWith('left-side-1.3.0.tgz'))).toHaveLength(1);
  }, 120_000);
});
