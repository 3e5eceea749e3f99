/** The walls of the local sandbox, with a job as the attacker. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDomainError } from '../../../src/core/errors.ts';
import type { Executor } from '../../../src/ports/executor.ts';
import { commandOf, filesWith, processesWith, until } from './host-traces.ts';
import { mark, run, saidBy, shell } from './jobs.ts';
import { type OpenLocal, openLocal } from './open-local.ts';
import { startLocalProcess } from './start-local-process.ts';

const isRoot = process.getuid?.() === 0;

describe('walls of the local sandbox', () => {
  let local: OpenLocal;
  /** Its jobs have Node.js, which can try more than a shell. */
  let node: Executor;
  beforeAll(async () => {
    local = await openLocal();
    node = local.with({ programs: { node: process.execPath } });
  });
  afterAll(() => local.close());

  const inNode = (code: string) => ({ ...shell(''), program: 'node', args: ['-e', code] });
  const listening = async (server: Server, where: string | { port: number; host: string }): Promise<void> => {
    server.listen(where);
    await once(server, 'listening');
  };

  it('lets no job reach the network: no address, no loopback of the host, no abstract socket', async () => {
    let reached = 0;
    const count = () => {
      reached += 1;
    };
    const [tcp, abstract] = [createServer(count), createServer(count)];
    await listening(tcp, { port: 0, host: '127.0.0.1' });
    const name = mark();
    await listening(abstract, `\0${name}`);
    const address = tcp.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const code = `const net = require('net'), dns = require('dns').promises;
      const tried = (way) => new Promise((end) => net.connect(way).on('connect', () => end('reached')).on('error', (e) => end(e.code)));
      (async () => {
        console.log(await tried({ host: '127.0.0.1', port: ${port} }), await tried({ host: '192.0.2.1', port: 80 }),
          await tried({ host: '169.254.169.254', port: 80 }), await tried({ path: '\\0${name}' }),
          await dns.lookup('example.com').then(() => 'reached', (e) => e.code),
          Object.keys(require('os').networkInterfaces()).join() || 'none');
      })();`;
    const job = { ...inNode(code), network: { allow: ['example.com'] } };
    const { stdout } = await run(node, job);
    expect(stdout).toMatch(/^ECONNREFUSED ENETUNREACH ENETUNREACH ECONNREFUSED \w+ (none|lo)\n$/);
    expect(reached).toBe(0);
    tcp.close();
    abstract.close();
  });

  it('leads to the sockets that it was given, and only there', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'slipway-sockets-'));
    chmodSync(dir, 0o755);
    const server = createServer((socket) => socket.end('from the gateway'));
    await listening(server, join(dir, 'gw.sock'));
    chmodSync(join(dir, 'gw.sock'), 0o666);
    const code = `require('net').connect('/run/slipway/gw.sock').pipe(process.stdout);
      try { require('fs').writeFileSync('/run/slipway/x', '') } catch (e) { console.error(e.code) }`;
    const { stdout, stderr } = await run(node, { ...inNode(code), socketDir: dir });
    expect([stdout, stderr.trim()]).toEqual(['from the gateway', 'EROFS']);
    const without = await run(
      node,
      inNode(`require('net').connect('/run/slipway/gw.sock').on('error', (e) => console.log(e.code))`),
    );
    expect(without.stdout).toBe('ENOENT\n');
    server.close();
    rmSync(dir, { recursive: true });
  });

  it('shows nothing of the host, nor of another run', async () => {
    const other = await local.executor.start(shell('echo secret > "$HOME/s"; echo up; sleep 600'));
    await saidBy(other, 'up');
    const hostFile = join(tmpdir(), mark());
    writeFileSync(hostFile, 'of the host', { mode: 0o644 });
    const script = `for path in /root /srv /sys /mnt /media /boot /var/lib /var/log /etc/shadow /etc/ssh /etc/machine-id "$@"; do
        [ -e "$path" ] && echo "saw $path"; done
      ls -A /home /tmp /run /opt/slipway/bin; ls -A /usr/local/etc /usr/local/src | sed 's/^[^/]/configuration of the host: &/'; hostname; cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 600'`;
    const args = [hostFile, local.runsDir, join(local.runsDir, other.ref), process.cwd(), process.env.HOME ?? '/root'];
    const { stdout } = await run(local.executor, shell(script, { args }));
    expect(stdout).not.toContain('saw');
    expect(stdout).not.toContain('configuration');
    expect(stdout).toContain('slipway\n');
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['/home:', 'agent', '/tmp:', '/run:']));
    await other.release();
    rmSync(hostFile);
  });

  it('lets no job write outside its workspace, home and scratch', async () => {
    const script = `for dir in / /usr /usr/bin /usr/local/etc /etc /run /var /opt /opt/slipway/bin /home /dev /proc /proc/sys/kernel; do
        touch "$dir/x" 2>/dev/null && echo "wrote $dir"; done
      (echo x > /proc/sys/kernel/hostname) 2>/dev/null && echo wrote; (echo b > /proc/sysrq-trigger) 2>/dev/null && echo wrote
      mount -t tmpfs none /usr 2>/dev/null && echo mounted; mount -o remount,rw /usr 2>/dev/null && echo mounted
      chmod 777 /usr 2>/dev/null && echo changed; ln /usr/bin/id /workspace/id 2>/dev/null && echo linked
      for dir in /workspace /home/agent /tmp /var/tmp /dev/shm; do touch "$dir/x" && rm "$dir/x" && echo "ok $dir"; done`;
    const { stdout } = await run(local.executor, shell(script));
    expect(stdout).toBe('ok /workspace\nok /home/agent\nok /tmp\nok /var/tmp\nok /dev/shm\n');
  });

  it('gives a job no privilege, and none to gain', async () => {
    const script = `grep -E '^(CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs):' /proc/self/status | tr -d '\\t'
      id -u; (su -c id || sudo id) < /dev/null 2>/dev/null | head -1; kill -9 1 2>/dev/null; ls /proc/self/fd | tr '\\n' ' '`;
    const { stdout } = await run(local.executor, shell(script));
    const none = '0000000000000000';
    const caps = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((name) => `${name}:${none}\n`).join('');
    expect(stdout.startsWith(`${caps}NoNewPrivs:1\n1000\n`)).toBe(true);
    expect(stdout).not.toMatch(/uid=0/);
  });

  it('passes no descriptor on but the three streams, also none that the server itself was handed', async () => {
    const handed = join(local.runsDir, 'handed');
    writeFileSync(handed, 'of whoever started the server');
    const descriptor = openSync(handed, 'r');
    const task = { runsDir: local.runsDir, script: 'ls -l /proc/self/fd', afterwards: 'report' as const };
    const starter = startLocalProcess(task, { handed: descriptor });
    await starter.next();
    await starter.next();
    const { stdout } = await starter.next();
    const open = [...String(stdout).matchAll(/(\d+) -> (.*)/g)].filter(([, , target]) => !target?.startsWith('/proc/'));
    expect(stdout).not.toContain('handed');
    expect(open.filter(([, , target]) => target !== '/dev/null').map(([, number]) => number)).toEqual(['0', '1', '2']);
    await starter.kill();
    closeSync(descriptor);
  });

  it('shows no value of the environment to anybody on the host, nor the options that hold it', async () => {
    const secret = mark();
    const execution = await local.executor.start(shell('echo up; sleep 600', { env: { TOKEN: secret } }));
    await saidBy(execution, 'up');
    expect(processesWith(secret)).toEqual([]);
    expect(filesWith(secret, local.runsDir)).toEqual([]);
    await execution.release();
  });

  it.runIf(isRoot)('lets no job write into its own output afterwards, or read the first process', async () => {
    const script = `(echo forged > /proc/self/fd/1) 2>/dev/null && echo opened; (: >> /proc/$$/fd/2) 2>/dev/null && echo opened
      cat /proc/1/environ 2>/dev/null | head -c 1; ls /proc/1/fd /proc/1/root 2>/dev/null; echo end`;
    const { stdout } = await run(local.executor, shell(script));
    expect(stdout).toBe('end\n');
  });

  it.runIf(isRoot)('is another user on the host', async () => {
    const execution = await local.executor.start(shell('exec sleep 611'));
    const sleeping = () => processesWith('sleep\0').filter((pid) => commandOf(pid) === 'sleep\x00611\0');
    await until(() => sleeping().length > 0);
    const users = sleeping().map((pid) => /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    expect(users).toContain('61234');
    await execution.release();
  });

  it('refuses a program that this host does not have', async () => {
    const executor = local.with({ programs: { gone: '/nowhere/gone' } });
    const refused = executor.start({ ...shell(''), program: 'gone' });
    await expect(refused).rejects.toSatisfy((error) => isDomainError(error, 'place_failed'));
  });

  it.runIf(isRoot)(
    'works for a server without privileges: refused under strict, without limits under relaxed',
    async () => {
      const user = 61_999;
      const runsDir = mkdtempSync(join(tmpdir(), 'slipway-runs-'));
      mkdirSync(join(runsDir, 'own'));
      execFileSync('chown', ['-R', String(user), runsDir]);
      const script = `id -u; touch a /dev/shm/b "$HOME/c"; mkdir d; echo x > d/e; chmod 000 d
      for dir in / /usr /etc /dev /run /var; do touch "$dir/x" 2>/dev/null && echo "wrote $dir"; done; (setsid sleep 600 &); exit 3`;
      const task = { runsDir: join(runsDir, 'own'), script, afterwards: 'report' as const };
      const relaxed = startLocalProcess({ ...task, isolation: 'relaxed' }, { user });
      await relaxed.next();
      await relaxed.next();
      const told = await relaxed.next();
      expect(told).toMatchObject({ stdout: '1000\n', exit: { code: 3, lost: false } });
      expect([...(told.files as string[])].toSorted()).toEqual(['a', 'd/e']);
      await relaxed.kill();
      rmSync(runsDir, { recursive: true });
    },
  );
});
