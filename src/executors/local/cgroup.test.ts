import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entrancesOf, type Fence, killGroup, members, removeGroups } from './cgroup.ts';
import { freshName } from './place.ts';

const clock = {
  now: () => Date.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

/** Where version 2 is mounted here, with or without controllers. */
const mounted = /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];

describe('groups of version 2', () => {
  it.runIf(mounted !== undefined && process.getuid?.() === 0)('are entered, killed at once and removed', async () => {
    const path = join(mounted ?? '', `slipway-test-${freshName()}`);
    mkdirSync(path);
    const fence: Fence = { version: 2, groups: { memory: path, pids: path }, command: [] };
    const [entrance = ''] = entrancesOf(fence);
    const child = spawn('/bin/sh', ['-c', 'echo 0 > "$1" && echo in; sleep 600 & sleep 600', 'x', entrance]);
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    expect(members(fence)).toContain(child.pid);
    expect(killGroup(fence)).toBe(true);
    expect(await ended).toEqual([null, 'SIGKILL']);
    await removeGroups(fence, clock);
    expect(existsSync(path)).toBe(false);
    expect(members(fence)).toEqual([]);
  });

  it('are not killed at once where the kernel cannot', () => {
    expect(killGroup({ version: 1, groups: { pids: '/nowhere' }, command: [] })).toBe(false);
    expect(killGroup({ version: 2, groups: { pids: '/nowhere' }, command: [] })).toBe(false);
  });

  it('are gone when somebody else removed them', async () => {
    await removeGroups({ version: 2, groups: { pids: '/sys/fs/cgroup/none-such' }, command: [] }, clock);
    expect(() => writeFileSync('/sys/fs/cgroup/none-such/cgroup.procs', '0')).toThrow();
  });
});
