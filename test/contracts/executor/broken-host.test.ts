/** What the check says on hosts that lack something: each is this one, seen from namespaces in which it is broken. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding, Readiness } from '../../../src/ports/executor.ts';

const SCRIPT = fileURLToPath(new URL('./check-process.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot)('the check of a host', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'slipway-broken-'));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  /** Breaks the host by a script, for a process that then checks it. */
  const check = async (
    breaking: string,
    options: { readonly unshare?: readonly string[]; readonly sysctlRoot?: string; readonly runsDir?: string } = {},
  ): Promise<Readiness> => {
    const { unshare = ['--mount'], runsDir = join(root, 'runs'), ...rest } = options;
    const task = JSON.stringify({ runsDir, ...rest });
    const command = ['sh', '-ec', `${breaking}\nexec "$@"`, 'sh', process.execPath, SCRIPT, task];
    const { stdout } = await promisify(execFile)('unshare', [...unshare, '--', ...command]);
    return JSON.parse(stdout);
  };
  const found = ({ findings }: Readiness, part: string): Finding | undefined =>
    findings.find((finding) => finding.part === part);

  /** A tool in the place of bubblewrap, as a shell script. */
  const instead = (name: string, script: string): string => {
    const path = join(root, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return `mount --bind ${path} /usr/bin/bwrap`;
  };
  /** A kernel's settings below a directory of ours. */
  const settings = (name: string, values: Readonly<Record<string, string>>): string => {
    const dir = join(root, name);
    for (const [path, value] of Object.entries(values)) {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), `${value}\n`);
    }
    return dir;
  };
  const REFUSES = `case $1 in --version) echo bubblewrap 0.9.0;; *) echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1;; esac`;

  it('misses bubblewrap', async () => {
    const readiness = await check('mount --bind /dev/null /usr/bin/bwrap');
    expect(readiness.ready).toBe(false);
    expect(found(readiness, 'bwrap')).toMatchObject({
      status: 'missing',
      mend: expect.stringContaining('apt-get install'),
    });
    expect(found(readiness, 'sandbox')?.detail).toBe('not tried: every job is refused without bwrap');
  });

  it('gives the profile where AppArmor keeps bubblewrap from its namespaces', async () => {
    const sysctlRoot = settings('ubuntu', {
      'kernel/apparmor_restrict_unprivileged_userns': '1',
      'kernel/unprivileged_userns_clone': '1',
      'user/max_user_namespaces': '15000',
    });
    const readiness = await check(instead('restricted', REFUSES), { sysctlRoot });
    expect(readiness.ready).toBe(false);
    const { status, detail, mend } = found(readiness, 'namespaces') ?? {};
    expect(status).toBe('missing');
    expect(detail).toContain('AppArmor');
    expect(detail).toContain('bwrap: setting up uid map: Permission denied');
    expect(mend).toMatch(/sudo tee \/etc\/apparmor\.d\/bwrap && sudo apparmor_parser -r .*userns=0/);
  });

  it('names the setting of Debian that forbids namespaces', async () => {
    const sysctlRoot = settings('debian', { 'kernel/unprivileged_userns_clone': '0' });
    const finding = found(await check(instead('forbidden', REFUSES), { sysctlRoot }), 'namespaces');
    expect(finding?.detail).toContain('kernel.unprivileged_userns_clone is 0');
    expect(finding?.mend).toContain("echo 'kernel.unprivileged_userns_clone=1' | sudo tee");
  });

  it('names the setting that allows no more user namespaces, set for real', async () => {
    const readiness = await check('echo 0 > /proc/sys/user/max_user_namespaces', {
      unshare: ['--user', '--map-root-user', '--mount'],
    });
    expect(readiness.ready).toBe(false);
    expect(found(readiness, 'namespaces')?.detail).toContain('user.max_user_namespaces is 0');
    expect(found(readiness, 'namespaces')?.mend).toContain('user.max_user_namespaces=15000');
  });

  it('says that control groups are read-only, as in most containers', async () => {
    const readiness = await check(
      `for at in $(grep ' - cgroup' /proc/self/mountinfo | cut -d' ' -f5); do mount -o remount,bind,ro "$at"; done
       mount --bind /dev/null "$(command -v systemd-run || echo /usr/bin/false)"`,
    );
    expect(readiness.ready).toBe(false);
    const finding = found(readiness, 'control groups');
    expect(finding?.detail).toMatch(/^cannot limit memory, pids, cpu: version [12] at \S+ is mounted read-only/);
    expect(finding?.mend).toContain('docker run --privileged');
  });

  it('says that system calls cannot be filtered', async () => {
    const readiness = await check('mount -t tmpfs none /proc/sys/kernel/seccomp');
    expect(readiness.ready).toBe(false);
    expect(found(readiness, 'system calls')).toMatchObject({
      status: 'missing',
      detail: 'cannot be filtered: this kernel has no CONFIG_SECCOMP_FILTER',
    });
  });

  it.each([
    ['almost full', 'size=64m', 'head -c 62M /dev/zero >', /MiB are kept, and no job is started below that/],
    ['out of inodes', 'size=3g,nr_inodes=4', 'touch', /^0 inodes free/],
  ])('says that the disk is %s, and tries no job on it', async (_, options, fill, detail) => {
    const runsDir = join(root, 'disk', 'runs');
    const small = `mkdir -p ${root}/disk; mount -t tmpfs -o ${options} none ${root}/disk; mkdir ${runsDir}
      ${fill} ${runsDir}/a 2>/dev/null || true; touch ${runsDir}/b 2>/dev/null || true`;
    const readiness = await check(small, { runsDir });
    expect(readiness.ready).toBe(false);
    expect(found(readiness, 'disk')).toMatchObject({ status: 'missing', detail: expect.stringMatching(detail) });
    expect(found(readiness, 'disk')?.mend).toContain(`df -${options.includes('inodes') ? 'i' : 'h'} ${runsDir}`);
    expect(found(readiness, 'sandbox')?.detail).toContain('without disk');
  });
});
