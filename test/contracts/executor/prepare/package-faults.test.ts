/** Installations that are attacked, killed, raced and forgotten. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_REGISTRY_SETTINGS, type RegistrySettings } from '../../../../src/executors/local/prepare/registries.ts';
import { createEgress } from '../../../../src/gateway/egress/egress.ts';
import { createLogger } from '../../../../src/system/logger.ts';
import { openNpmRegistry } from '../../../support/registries/npm-registry.ts';
import { openPipIndex } from '../../../support/registries/pip-index.ts';
import { type LocalServer, serveLocally } from '../../../support/registries/serve.ts';
import { filesWith, processesWith, until } from '../host-traces.ts';
import { run, shell } from '../jobs.ts';
import { listener, type OpenPreparing, openPreparing } from './open-preparing.ts';
import type { PreparingTask } from './preparing-process.ts';

const TOKEN = 'npm-token-that-nobody-may-see';
const CREDENTIALS = 'robot:pip-password-that-nobody-may-see';
const PLAIN = { name: 'plain', version: '1.0.0', files: { 'index.js': `module.exports = 'plain';` } };
const SCRIPT = fileURLToPath(new URL('./preparing-process.ts', import.meta.url));

/** An install script that looks for what it should not find, and keeps it in the package for who installs it. */
const hostile = (port: number) => `
const { execSync } = require('child_process');
const fs = require('fs');
const net = require('net');
const tried = (code) => { try { return code(); } catch (error) { return String(error.code ?? error); } };
const sh = (line) => tried(() => execSync(line, { stdio: ['ignore', 'pipe', 'pipe'] }).toString());
const found = {
  env: JSON.stringify(process.env),
  home: sh('ls -A $HOME; cat $HOME/.npmrc'),
  sockets: sh('ls -A /run/slipway'),
  hostFiles: sh('cat /etc/shadow; ls /root /srv'),
  cache: sh('ls -A /opt/slipway/packages'),
  written: tried(() => fs.writeFileSync('/opt/slipway/packages/x', '')),
  memory: sh('cat /proc/*/environ /proc/*/cmdline'),
};
const socket = net.connect(${port}, '127.0.0.1');
const keep = (network) => { fs.writeFileSync('found.json', JSON.stringify({ ...found, network })); process.exit(0); };
socket.on('connect', () => keep('reached')).on('error', (error) => keep(error.code));
`;

describe('an installation', () => {
  let open: OpenPreparing;
  let npm: LocalServer;
  let opened: LocalServer[];
  beforeEach(async () => {
    open = await openPreparing();
    npm = await openNpmRegistry([PLAIN]);
    opened = [npm];
  });
  afterEach(async () => {
    await open.close();
    await Promise.all(opened.map((server) => server.close()));
  });
  const registries = (more: Partial<RegistrySettings> = {}): RegistrySettings => ({
    ...NO_REGISTRY_SETTINGS,
    npmRegistry: npm.url,
    ...more,
  });
  const packagesDir = () => join(open.dataDir, 'packages');
  const entries = () =>
    existsSync(packagesDir()) ? readdirSync(packagesDir()).filter((name) => !name.endsWith('.used')) : [];
  const aside = (packages: readonly string[], settings = registries()) => {
    const task: PreparingTask = { dataDir: open.dataDir, registries: settings, packages };
    return spawn(process.execPath, [SCRIPT, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const usePlain = shell(`node -p "require('plain')"`, { packages: ['npm:plain@1.0.0'] });

  it('that a process left half done when it was killed is never used, and is done again', async () => {
    const asking = npm.hold();
    const child = aside(['npm:plain@1.0.0']);
    await asking;
    child.kill('SIGKILL');
    await once(child, 'exit');
    npm.letGo();
    expect(entries()).toEqual([]);
    expect(await run(open.executor({ registries: registries() }), usePlain)).toMatchObject({ stdout: 'plain\n' });
    expect(entries()).toHaveLength(1);
    expect(processesWith('plain@1.0.0')).toEqual([]);
  }, 60_000);

  it('that a killed process left is ended by who is told to break off, and by the next server', async () => {
    for (const end of ['aborted start', 'sweep'] as const) {
      const asking = npm.hold();
      const child = aside(['npm:plain@1.0.0']);
      await asking;
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(processesWith('plain@1.0.0')).not.toEqual([]);
      const executor = open.executor({ registries: registries() });
      const watch = listener();
      watch.abort();
      if (end === 'sweep') await executor.sweep(async () => true);
      else await expect(executor.start(usePlain, watch)).rejects.toMatchObject({ code: 'start_aborted' });
      await until(() => processesWith('plain@1.0.0').length === 0);
      npm.letGo();
    }
    expect(entries()).toEqual([]);
  }, 60_000);

  it('is made by one of two processes, and found by the other', async () => {
    const asking = npm.hold();
    const children = [aside(['npm:plain@1.0.0']), aside(['npm:plain@1.0.0'])];
    const said = children.map(async (child) => {
      let text = '';
      for await (const part of child.stdout) text += part;
      return text;
    });
    await asking;
    npm.letGo();
    expect(await Promise.all(said)).toEqual(['ready\n', 'ready\n']);
    expect(npm.asked.filter((path) => path.endsWith('.tgz'))).toHaveLength(1);
  }, 60_000);

  it('is not swept away while another process is at it', async () => {
    const asking = npm.hold();
    const child = aside(['npm:plain@1.0.0']);
    await asking;
    await open.executor().sweep(async () => true);
    npm.letGo();
    let said = '';
    for await (const part of child.stdout) said += part;
    expect(said).toBe('ready\n');
  }, 60_000);

  it('runs the code of a package without network, credentials, cache or files of the host', async () => {
    const bait = await serveLocally((_, response) => response.end());
    const evil = {
      name: 'evil',
      version: '1.0.0',
      manifest: { scripts: { postinstall: 'node steal.js' } },
      files: { 'steal.js': hostile(Number(bait.host.split(':')[1])) },
    };
    const privately = await openNpmRegistry([evil, PLAIN], { token: TOKEN });
    opened.push(bait, privately);
    const settings = registries({ npmRegistry: privately.url, npmToken: TOKEN });
    const executor = open.executor({ registries: settings });
    await run(executor, shell('true', { packages: ['npm:plain@1.0.0'] }));
    const job = shell('cat /opt/slipway/packages/node/node_modules/evil/found.json', { packages: ['npm:evil@1.0.0'] });
    const { stdout } = await run(executor, job);
    const found: Record<string, string> = JSON.parse(stdout);
    expect(stdout).not.toContain(TOKEN);
    expect(found.network).toBe('ECONNREFUSED');
    expect(found.sockets).toContain('No such file');
    expect(found.hostFiles?.match(/No such file/g)).toHaveLength(3);
    expect(found.cache).toBe('');
    expect(found.written).toMatch(/EROFS|EACCES/);
    expect(bait.asked).toEqual([]);
    expect(filesWith(TOKEN, open.dataDir)).toEqual([]);
  }, 60_000);

  it('uses credentials of an index, and shows them to no job, file or message', async () => {
    const files = { 'thing/__init__.py': 'x = 1\n' };
    const index = await openPipIndex([{ name: 'thing', version: '1.0', kind: 'wheel', files }], CREDENTIALS);
    opened.push(index);
    const settings = registries({ pipIndex: `${index.url}/simple`, pipCredentials: CREDENTIALS });
    const executor = open.executor({ registries: settings });
    const script = `python3 -c 'import thing; print(thing.x)'; env; grep -r nobody-may-see /opt/slipway/packages "$HOME" /tmp`;
    const { stdout } = await run(executor, shell(script, { packages: ['thing==1.0'] }));
    expect(stdout).toMatch(/^1\n/);
    expect(stdout).not.toContain('nobody-may-see');
    expect(filesWith('nobody-may-see', open.dataDir)).toEqual([]);
    const refused = executor.start(shell('true', { packages: ['other==1.0'] }));
    const message = await refused.catch((error: Error) => `${error.message} ${JSON.stringify(error)}`);
    expect(message).toContain('other==1.0');
    expect(message).not.toContain('nobody-may-see');
    expect(message).not.toContain('robot');
  }, 60_000);

  it('names the host that it was refused, and the setting for it', async () => {
    const dist = { tarball: 'http://files.example/plain.tgz', shasum: '0'.repeat(40) };
    const packument = {
      name: 'far',
      'dist-tags': { latest: '1.0.0' },
      versions: { '1.0.0': { name: 'far', version: '1.0.0', dist } },
    };
    const registry = await serveLocally((_, response) => response.end(JSON.stringify(packument)));
    opened.push(registry);
    const executor = open.executor({ registries: registries({ npmRegistry: registry.url }) });
    await expect(executor.start(shell('true', { packages: ['npm:far@1.0.0'] }))).rejects.toMatchObject({
      code: 'packages_failed',
      hint: expect.stringMatching(/files\.example.*SLIPWAY_NPM_HOSTS/),
    });
  }, 60_000);

  it('reaches no private address that the operator did not name', async () => {
    const egress = createEgress({ privateHosts: [], logger: createLogger('silent', () => undefined) });
    const executor = open.executor({ registries: registries(), egress });
    const started = executor.start(shell('true', { packages: ['npm:plain@1.0.0'] }));
    await expect(started).rejects.toMatchObject({ code: 'packages_failed' });
    expect(npm.asked).toEqual([]);
  }, 60_000);

  it.each(['--target=/tmp', '-rfile', '--', 'a; touch /tmp/pwned', '$(id)', '../x', 'file:///etc'])(
    'takes %j for a name and nothing else',
    async (name) => {
      for (const spec of [name, `npm:${name}`]) {
        const index = await openPipIndex([]);
        opened.push(index);
        const executor = open.executor({ registries: registries({ pipIndex: `${index.url}/simple` }) });
        const started = executor.start(shell('true', { packages: [spec] }));
        await expect(started).rejects.toMatchObject({ code: 'packages_failed' });
      }
      expect(existsSync('/tmp/pwned')).toBe(false);
      expect(entries()).toEqual([]);
    },
    60_000,
  );

  it('is removed when nobody has used it for thirty days, and not before', async () => {
    const executor = open.executor({ registries: registries() });
    await run(executor, usePlain);
    const [entry = ''] = entries();
    const used = (days: number): void => {
      const at = Date.now() / 1_000 - days * 86_400;
      utimesSync(join(packagesDir(), `${entry}.used`), at, at);
    };
    used(29);
    await open.executor().sweep(async () => true);
    expect(entries()).toEqual([entry]);
    used(31);
    // A use counts from now on.
    await run(executor, usePlain);
    await open.executor().sweep(async () => true);
    expect(entries()).toEqual([entry]);
    used(31);
    await open.executor().sweep(async () => true);
    expect(readdirSync(packagesDir())).toEqual([]);
    expect(execFileSync('ls', ['-A', packagesDir()]).toString()).toBe('');
  }, 60_000);

  it('has a limit on its time of its own, no longer than the run may take', async () => {
    void npm.hold();
    const job = shell('true', { packages: ['npm:plain@1.0.0'], limits: { timeoutSeconds: 2 } });
    const started = open.executor({ registries: registries() }).start(job);
    await expect(started).rejects.toMatchObject({ message: expect.stringContaining('within 2 seconds') });
    expect(entries()).toEqual([]);
    npm.letGo();
  }, 60_000);
});
