/** What a job may ask of the kernel, with a job as the attacker. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filteredArch } from '../../../src/executors/local/seccomp.ts';
import { ABSENT, EXAMINED, FORBIDDEN } from '../../../src/executors/local/syscalls.ts';
import { commandOf, processesWith, until } from './host-traces.ts';
import { mark, run, shell } from './jobs.ts';
import { type OpenLocal, openLocal } from './open-local.ts';
import { startLocalProcess } from './start-local-process.ts';

const isRoot = process.getuid?.() === 0;
const pick = filteredArch(process.arch) === 'arm64' ? 1 : 0;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Makes a system call with Perl, which every Debian has, and prints its error. */
const call = (number: number, ...args: readonly number[]): string =>
  `perl -e '$r = syscall(${[number, ...args].join(', ')}); print $r == -1 ? $!+0 : "done", "\\n"'`;

/**
 * A program that only executes beside one that reads: both with the user of the job. "own" says whether the sealed
 * program can still look at itself, as programs do.
 */
const BESIDE = `sealed() { "$@" & pid=$!; sleep 0.2; }
sealed /opt/slipway/bin/sleeper 5
(echo forged >> /proc/$pid/fd/1) 2>/dev/null && echo opened-output
(exec 3<> /proc/$pid/mem) 2>/dev/null && echo opened-memory
(exec 3< /proc/$pid/environ) 2>/dev/null && echo opened-environment
for file in 0 1 2; do (exec 3< /proc/1/fd/$file) 2>/dev/null && echo opened-first-process; done
(exec 3<> /proc/1/mem) 2>/dev/null && echo opened-first-memory
cat /opt/slipway/bin/sleeper > /dev/null 2>&1 && echo read-program
chmod 755 /opt/slipway/bin/sleeper 2>/dev/null && echo changed-program
kill $pid; echo end`;

describe('the kernel as a job finds it', () => {
  let local: OpenLocal;
  beforeAll(async () => {
    local = await openLocal();
  });
  afterAll(() => local.close());

  it('refuses what no job needs, and has no io_uring and no clone3', async () => {
    // Without arguments, most of these would fail anyway: with another error than ours.
    const names = ['ptrace', 'process_vm_readv', 'kcmp', 'mount', 'bpf', 'keyctl', 'userfaultfd', 'perf_event_open'];
    const forbidden = names.map((name) => call(FORBIDDEN[name]?.[pick] ?? -1, 9, 0, 0, 0, 0));
    const absent = Object.values(ABSENT).map((numbers) => call(numbers[pick] ?? -1, 0, 0, 0));
    const { stdout } = await run(local.executor, shell([...forbidden, ...absent].join('\n')));
    const expected = [...names.map(() => EPERM), ...Object.keys(ABSENT).map(() => ENOSYS)];
    expect(stdout.trim().split('\n').map(Number)).toEqual(expected);
  });

  it('makes no namespace in the namespaces, and lets none be entered', async () => {
    const clone = call(EXAMINED.clone[pick], 0x10000011, 0, 0, 0, 0);
    const script = `unshare --user true 2>/dev/null && echo made; unshare --user --map-root-user --mount true 2>/dev/null && echo made
      for kind in user mnt net pid uts ipc; do nsenter --$kind=/proc/self/ns/$kind true 2>/dev/null && echo "entered $kind"; done
      bwrap --unshare-user --ro-bind / / true 2>/dev/null && echo made
      ${call(EXAMINED.unshare[pick], 0x10000000)}; ${clone}`;
    const { stdout } = await run(local.executor, shell(script));
    expect(stdout.replaceAll('entered mnt\n', '')).toBe(`${EPERM}\n${EPERM}\n`);
  });

  it('knows local, internet and address sockets only, and nobody types into a terminal', async () => {
    const [socket, ioctl] = [EXAMINED.socket[pick], EXAMINED.ioctl[pick]];
    const families = [17, 31, 38, 40, 44].map((family) => call(socket, family, 3, 0));
    const script = [...families, call(socket, 16, 3, 12), call(socket, 16, 3, 0), call(ioctl, 0, 0x5412, 0)].join('\n');
    const { stdout } = await run(local.executor, shell(script));
    const answers = stdout.trim().split('\n');
    expect(answers.slice(0, 6).map(Number)).toEqual(families.concat('').map(() => EAFNOSUPPORT));
    expect(answers.slice(6)).toEqual(['done', String(EPERM)]);
  });

  it('keeps the program from whoever has the same user: no output, no memory, no environment', async () => {
    const executor = local.with({ programs: { sleeper: '/usr/bin/sleep' } });
    const { stdout } = await run(executor, shell(BESIDE));
    expect(stdout).toBe('end\n');
  });

  it('lets ordinary programs do what they do', async () => {
    const script = `git init -q r && cd r && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && git log --format=%s
      printf 'all:\\n\\t@echo made\\n' > Makefile; make -s -j4 all; bash -c 'cat <(echo piped)'
      perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or die; print "pair\\n"'
      getent hosts localhost > /dev/null && echo resolved; sh -c 'sleep 0.01 & wait' && echo waited; mkfifo f && echo fifo
      echo end`;
    const executor = local.with({ programs: { node: process.execPath } });
    const { stdout } = await run(executor, shell(script));
    expect(stdout).toBe('x\nmade\npiped\npair\nresolved\nwaited\nfifo\nend\n');
    const code = `new (require('worker_threads').Worker)("require('worker_threads').parentPort.postMessage(1)", { eval: true })
      .on('message', () => console.log(typeof require('os').networkInterfaces(), require('child_process').execSync('echo child').toString().trim()))`;
    const job = { ...shell(''), program: 'node', args: ['-e', code] };
    expect((await run(executor, job)).stdout).toBe('object child\n');
  });
});

describe.runIf(isRoot)('the kernel as a job of a server without privileges finds it', () => {
  const user = 61_998;
  const dir = join(tmpdir(), `slipway-runs-${process.pid}`);
  beforeAll(() => {
    mkdirSync(join(dir, 'own'), { recursive: true });
    execFileSync('chown', ['-R', String(user), dir]);
  });
  afterAll(() => rmSync(dir, { recursive: true }));
  const task = { runsDir: join(dir, 'own'), isolation: 'relaxed' as const };

  it('is as closed', async () => {
    const script = `${BESIDE}\nunshare --user true 2>/dev/null && echo made; ${call(FORBIDDEN.ptrace?.[pick] ?? -1, 16, 1)}
        nsenter --user=/proc/self/ns/user true 2>/dev/null && echo entered`;
    const programs = { sleeper: '/usr/bin/sleep' };
    const starter = startLocalProcess({ ...task, script, programs, afterwards: 'report' }, { user });
    await starter.next();
    await starter.next();
    expect(await starter.next()).toMatchObject({ stdout: `end\n${EPERM}\n` });
    await starter.kill();
  });

  it('tells how the program ended, and ends it with its supervisor', async () => {
    const dying = startLocalProcess({ ...task, script: 'kill -9 $$', afterwards: 'report' }, { user });
    await dying.next();
    await dying.next();
    expect(await dying.next()).toMatchObject({ stderr: '', exit: { code: null, signal: 'SIGKILL', lost: false } });
    await dying.kill();
    const text = mark();
    const orphan = startLocalProcess({ ...task, script: `echo up; sleep 600; echo ${text}` }, { user });
    await orphan.next();
    const { ref } = await orphan.next();
    const claim = readFileSync(join(task.runsDir, String(ref), 'claim'), 'utf8');
    process.kill(Number(claim.split(' ')[0]), 'SIGKILL');
    await until(() => processesWith(text).every((pid) => !commandOf(pid).startsWith('/bin/sh\0-c')));
    await orphan.kill();
  });
});
