/** Packages of a job in a build: installed by the real npm and the real pip from registries on loopback, as the agent. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endedWell, printed, shell } from '../contracts/executor/jobs.ts';
import { type OpenCloudBuild, openCloudBuild } from '../contracts/executor/open-cloud-build.ts';
import { listener, stepsOf } from '../contracts/executor/prepare/open-preparing.ts';
import { openNpmRegistry } from '../support/registries/npm-registry.ts';
import { openPipIndex } from '../support/registries/pip-index.ts';
import type { LocalServer } from '../support/registries/serve.ts';

const LEFT = {
  name: 'left-side',
  version: '1.3.0',
  manifest: { bin: { 'left-side': 'cli.js' }, scripts: { postinstall: 'node spy.js' } },
  files: {
    'index.js': `module.exports = (text) => '*' + text;`,
    'cli.js': `#!/usr/bin/env node\nconsole.log('left-side says', require('left-side')('x'));`,
    // What code of a package can see while it is installed.
    'spy.js': `const fs = require('fs');
      const can = (act) => { try { act(); return 'yes'; } catch { return 'no'; } };
      const seen = [process.getuid(), can(() => fs.readFileSync('/slipway/job.json')), can(() => fs.readdirSync('/slipway')), JSON.stringify(process.env)];
      fs.writeFileSync(__dirname + '/seen.txt', seen.join(' '));`,
  },
};
const BROKEN = {
  name: 'broken',
  version: '1.0.0',
  manifest: { scripts: { postinstall: 'echo it is too bad >&2; exit 7' } },
  files: {},
};
const SLOW = {
  name: 'slow',
  version: '1.0.0',
  manifest: { scripts: { postinstall: 'sleep 600' } },
  files: {},
};
/** Leaves something behind that does not go with its parent, with a file open that nobody may change any more. */
const LINGERING = {
  name: 'lingering',
  version: '1.0.0',
  manifest: {
    scripts: {
      postinstall: `exec 3>late; setsid sh -c 'sleep 1; echo late >&3; sleep 86397' </dev/null >/dev/null 2>&1 &`,
    },
  },
  files: {},
};
const PYTHON = {
  name: 'frames',
  version: '2.2.2',
  kind: 'wheel' as const,
  files: { 'frames/__init__.py': `value = 'of frames'\ndef main(): print('frames says', value)\n` },
  scripts: 'frames-tool = frames:main',
};
const USE = `node -e "console.log(require('left-side')('a'))"; left-side; python3 -c 'import frames; print(frames.value)'; frames-tool`;
const PACKAGES = ['npm:left-side@1.3.0', 'frames==2.2.2'];

describe('packages of a job in a build', () => {
  let npm: LocalServer;
  let pip: LocalServer;
  let opened: OpenCloudBuild;
  beforeAll(async () => {
    npm = await openNpmRegistry([LEFT, BROKEN, SLOW, LINGERING]);
    pip = await openPipIndex([PYTHON]);
  });
  afterAll(() => Promise.all([npm.close(), pip.close()]));
  beforeEach(async () => {
    opened = await openCloudBuild();
  });
  afterEach(() => opened.close());

  const executor = (wantCredentials = false) =>
    opened.with({
      registries: {
        npmRegistry: npm.url,
        pipIndex: `${pip.url}/simple`,
        wantCredentials,
        gitCredentials: null,
        privateHosts: [],
      },
    });
  const left = () => [...opened.emulator.objects.list('bucket', 'jobs/')];

  it('are there for Node.js and Python, with their commands, and read-only', async () => {
    const heard = listener();
    const change = 'touch /opt/slipway/packages/node/x /opt/slipway/packages/x 2>&1 | grep -c denied';
    const job = shell(`${USE}; ${change}; cat /opt/slipway/packages/node/node_modules/left-side/seen.txt`, {
      packages: PACKAGES,
    });
    const execution = await executor().start(job, heard);
    const { stdout } = await printed(execution);
    const [one, two, three, four, denied, seen] = stdout.toString().split('\n');
    expect([one, two, three, four]).toEqual(['*a', 'left-side says *x', 'of frames', 'frames says of frames']);
    expect(await execution.exit).toEqual(endedWell);
    expect(stepsOf(heard).filter((step) => step.startsWith('packages'))).toEqual([
      'packages started',
      'packages started',
      'packages done',
      'packages done',
    ]);
    // Whoever is not root on this machine has steps that are the agent already.
    if (process.getuid?.() === 0) {
      expect(denied).toBe('2');
      expect(seen).toMatch(/^1000 no no /);
    }
    // Nothing of the step's own environment.
    expect(seen).not.toMatch(/SLIPWAY_|GCE_METADATA|SECRET/);
    await execution.release();
  });

  it('are as they were when their installation ended, whatever it left running', async () => {
    // Time for what runs on in the step that prepares.
    opened.emulator.faults.add({ on: /POST \/upload\/.*%2Fprepared/, delayMs: 2_000 });
    const count = `for each in /proc/[0-9]*; do tr '\\0' ' ' <$each/cmdline | grep -x 'sleep 86397 '; done | wc -l`;
    const late = 'wc -c </opt/slipway/packages/node/node_modules/lingering/late';
    const job = shell(`sleep 86397 & ${count}; kill $!; wait; ${count}; ${late}`, {
      packages: ['npm:lingering@1.0.0'],
    });
    const execution = await executor().start(job, listener());
    // The first is the job's own: the count can see one.
    expect((await printed(execution)).stdout.toString()).toBe('1\n0\n0\n');
    await execution.release();
  });

  it.each([
    ['npm:broken@1.0.0', /npm could not install broken@1\.0\.0:[\s\S]*it is too bad/],
    ['npm:not-there@1.0.0', /npm could not install not-there@1\.0\.0/],
    ['frames==9.9', /pip could not install frames==9\.9:[\s\S]*No matching distribution/],
  ])(
    'that cannot be had, such as %s, are told with the words of the tool, and nothing is executed',
    async (spec, words) => {
      const start = executor().start(shell('echo up', { packages: [spec] }));
      await expect(start).rejects.toMatchObject({ code: 'packages_failed', message: expect.stringMatching(words) });
      expect(left()).toEqual([]);
    },
  );

  it('whose installation is broken off end within five seconds', async () => {
    const heard = listener();
    const start = executor().start(shell('echo up', { packages: ['npm:slow@1.0.0'] }), heard);
    const refused = expect(start).rejects.toMatchObject({ code: 'start_aborted' });
    while (!stepsOf(heard).includes('packages started')) await new Promise((done) => setTimeout(done, 20));
    const began = Date.now();
    heard.abort();
    await refused;
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(opened.emulator.cloudBuild.builds.map(({ status }) => status)).toEqual(['CANCELLED']);
    expect(left()).toEqual([]);
  });

  it('that take longer than they may are ended, and that is said', async () => {
    const job = shell('echo up', { packages: ['npm:slow@1.0.0'], limits: { timeoutSeconds: 4 } });
    await expect(executor().start(job)).rejects.toMatchObject({
      code: 'packages_failed',
      message: expect.stringContaining('within 4 seconds'),
    });
  });

  it('are refused where the registry wants credentials, which no build gets', async () => {
    const start = executor(true).start(shell('echo up', { packages: PACKAGES }));
    await expect(start).rejects.toMatchObject({ code: 'packages_failed', hint: expect.stringContaining('image') });
    expect(opened.emulator.cloudBuild.builds).toEqual([]);
  });
});
