import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../core/limits.ts';
import { fenceOn, hitsOf, limitFiles } from './cgroup.ts';
import { candidatesIn, lacking, scopeFence } from './ground.ts';

const V1_MOUNTS = `30 29 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
31 29 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
32 29 0:28 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
33 29 0:29 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer`;

describe('where control groups could be made', () => {
  it('is below our own group, or at the top, with version 1', () => {
    const cgroup = '4:memory:/user/a\n3:cpu,cpuacct:/\n2:pids:/user/a:b\n1:freezer:/x';
    expect(candidatesIn({ cgroup, mountinfo: V1_MOUNTS })).toEqual([
      { version: 1, controller: 'memory', bases: ['/sys/fs/cgroup/memory/user/a', '/sys/fs/cgroup/memory/'] },
      { version: 1, controller: 'cpu', bases: ['/sys/fs/cgroup/cpu,cpuacct/'] },
      { version: 1, controller: 'pids', bases: ['/sys/fs/cgroup/pids/user/a:b', '/sys/fs/cgroup/pids/'] },
    ]);
  });

  it('is our own group, or each one above it, with version 2', () => {
    const mountinfo = '30 29 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';
    expect(candidatesIn({ cgroup: '0::/user.slice/a.scope', mountinfo })).toEqual([
      {
        version: 2,
        controller: null,
        bases: ['/sys/fs/cgroup/user.slice/a.scope', '/sys/fs/cgroup/user.slice', '/sys/fs/cgroup/'],
      },
    ]);
  });

  it('is seen from the root of the mount in a container', () => {
    const mountinfo = '30 29 0:26 /docker/c1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory';
    const bases = (path: string) => candidatesIn({ cgroup: `4:memory:${path}`, mountinfo })[0]?.bases;
    expect(bases('/docker/c1')).toEqual(['/sys/fs/cgroup/memory/']);
    expect(bases('/docker/c1/in')).toEqual(['/sys/fs/cgroup/memory/in', '/sys/fs/cgroup/memory/']);
    expect(bases('/docker/c12')).toEqual(['/sys/fs/cgroup/memory/']);
  });

  it('is nowhere without control groups', () => {
    expect(candidatesIn({ cgroup: '', mountinfo: '20 1 8:1 / / rw - ext4 /dev/sda rw' })).toEqual([]);
    expect(lacking({ version: 1, bases: { memory: '/x' } })).toEqual(['pids', 'cpu']);
  });
});

describe('limits', () => {
  const limits = { ...DEFAULT_LIMITS, memoryMb: 64, cpus: 0.5, maxProcesses: 10 };

  it('leave no way out through swap, in the order that the kernel takes', () => {
    expect(limitFiles(1, 'memory', limits)).toEqual([
      ['memory.limit_in_bytes', '67108864'],
      ['memory.memsw.limit_in_bytes', '67108864'],
    ]);
    expect(limitFiles(2, 'memory', limits)).toEqual([
      ['memory.max', '67108864'],
      ['memory.swap.max', '0'],
    ]);
  });

  it('are a share of each period, and processes besides our own two', () => {
    expect(limitFiles(1, 'cpu', limits)).toContainEqual(['cpu.cfs_quota_us', '50000']);
    expect(limitFiles(2, 'cpu', limits)).toEqual([['cpu.max', '50000 100000']]);
    expect(limitFiles(2, 'pids', limits)).toEqual([['pids.max', '12']]);
  });

  it('are systemd’s properties where it makes the group', () => {
    const { command, groups } = scopeFence(true, 'slipway-x', limits);
    expect(groups).toEqual({});
    expect(command.slice(0, 3)).toEqual(['systemd-run', '--user', '--scope']);
    expect(command).toContain('--property=MemoryMax=64M');
    expect(command).toContain('--property=MemorySwapMax=0');
    expect(command).toContain('--property=TasksMax=12');
    expect(command).toContain('--property=CPUQuota=50%');
    expect(command.at(-1)).toBe('--');
    expect(scopeFence(false, 'slipway-x', limits).command).not.toContain('--user');
  });

  it('count as not hit where there is no group to ask', () => {
    expect(hitsOf(fenceOn({ version: 2, bases: { memory: '/nowhere', pids: '/nowhere' } }, 'x'))).toEqual([]);
  });
});
