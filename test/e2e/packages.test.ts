/** Packages of an agent, over HTTP, used by its own Bash. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNpmRegistry } from '../support/registries/npm-registry.ts';
import { openPipIndex } from '../support/registries/pip-index.ts';
import type { LocalServer } from '../support/registries/serve.ts';
import { openStage, type Stage } from '../support/server/stage.ts';

let npm: LocalServer;
let pip: LocalServer;
let stage: Stage;
beforeAll(async () => {
  npm = await openNpmRegistry([
    {
      name: 'shout',
      version: '1.0.0',
      manifest: { bin: 'cli.js' },
      files: { 'cli.js': `#!/usr/bin/env node\nconsole.log(process.argv[2].toUpperCase());`, 'index.js': '' },
    },
  ]);
  const files = { 'frames.py': `def main():\n    print('one frame')\n` };
  pip = await openPipIndex([
    { name: 'frames', version: '2.2.2', kind: 'wheel', files, scripts: 'frames = frames:main' },
  ]);
  stage = await openStage({
    env: {
      SLIPWAY_NPM_REGISTRY: npm.url,
      SLIPWAY_PIP_INDEX: `${pip.url}/simple`,
      SLIPWAY_PRIVATE_HOSTS: `${npm.host},${pip.host}`,
    },
  });
});
afterAll(() => Promise.all([stage.close(), npm.close(), pip.close()]));

const packages = { requiredPackages: ['frames==2.2.2', 'npm:shout@1.0.0'], permissionMode: 'bypassPermissions' };
const COMMAND = `[[demo:bash]] shout hello; frames; python3 -c 'import frames; print(frames.__name__)'; curl -sm 3 ${'http://'}`;

describe('an agent with packages', () => {
  it('uses them in its Bash, is told of each step, and shares them with the next run', async () => {
    const first = await stage.run(`${COMMAND}${npm.host}/shout || echo no way out`, packages);
    expect(first.run, JSON.stringify(first.run.error)).toMatchObject({ status: 'succeeded' });
    const said = JSON.stringify(first.events.find((event) => event.type === 'agent.tool_result').data.content);
    expect(said).toContain('HELLO\\none frame\\nframes\\nno way out');
    const steps = (events: typeof first.events) =>
      events.flatMap(({ type, data }) => (type === 'run.preparing' ? [`${data.status} ${data.detail}`] : []));
    expect(steps(first.events)).toEqual([
      'started pip: frames==2.2.2',
      'done pip: frames==2.2.2',
      'started npm: shout@1.0.0',
      'done npm: shout@1.0.0',
    ]);
    const asked = npm.asked.length + pip.asked.length;
    const second = await stage.run('[[demo:bash]] shout again', packages);
    expect(second.run.status).toBe('succeeded');
    expect(steps(second.events)).toEqual(['cached pip: frames==2.2.2', 'cached npm: shout@1.0.0']);
    expect(npm.asked.length + pip.asked.length).toBe(asked);
  }, 120_000);

  it('is failed with the words of the installer when there is no such package', async () => {
    const { run, events } = await stage.run('[[demo:hello]]', { requiredPackages: ['frames==9.9'] });
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'packages_failed', message: expect.stringContaining('No matching distribution found') },
    });
    expect(events.map((event) => event.type)).toEqual(['run.queued', 'run.starting', 'run.preparing', 'run.failed']);
  }, 60_000);

  it('is cancelled in mid-install within five seconds', async () => {
    const asking = npm.hold();
    const id = await stage.submit('[[demo:hello]]', { requiredPackages: ['npm:shout@1.0.0', 'npm:another@1.0.0'] });
    await asking;
    const before = Date.now();
    await stage.request('POST', `/runs/${id}/cancel`);
    const { run } = await stage.finish(id);
    expect(run.status).toBe('cancelled');
    expect(Date.now() - before).toBeLessThan(5_000);
    npm.letGo();
  }, 60_000);

  it('goes on after a kill -9 of the server in mid-install', async () => {
    const asking = pip.hold();
    const id = await stage.submit('[[demo:hello]]', { requiredPackages: ['frames'] });
    await asking;
    await stage.server().kill('SIGKILL');
    pip.letGo();
    await stage.restart();
    const { run } = await stage.finish(id);
    expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'succeeded', attempt: 1 });
  }, 90_000);
});
