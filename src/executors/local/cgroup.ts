/**
 * Limits by control group. The kernel has two forms: version 1 with a tree for each controller, version 2 with one tree.
 * A job gets groups of its own, made before it starts, entered before its program is loaded, removed after its end.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Limits } from '../../core/limits.ts';
import type { LimitHit } from '../../core/run.ts';
import type { Clock } from '../../ports/clock.ts';
import { errorCode } from './place.ts';

export const CONTROLLERS = ['memory', 'pids', 'cpu'] as const;
export type Controller = (typeof CONTROLLERS)[number];

/** Where a server may make groups: for each controller that it has, the directory to make them in. */
export interface Ground {
  readonly version: 1 | 2;
  readonly bases: Partial<Readonly<Record<Controller, string>>>;
}

/** A job's groups, as its place remembers them. `command` starts the job in a group that systemd makes. */
export interface Fence {
  readonly groups: Partial<Readonly<Record<Controller, string>>>;
  readonly version: 1 | 2;
  readonly command: readonly string[];
}

export const NO_FENCE: Fence = { groups: {}, version: 2, command: [] };

/** Of bubblewrap: its outer process and the first one inside. They are not the job's. */
const OWN_PROCESSES = 2;
const CPU_PERIOD_US = 100_000;

/** The fence of one job. */
export const fenceOn = (ground: Ground, name: string): Fence => {
  const entries = Object.entries(ground.bases).map(([controller, base]) => [controller, join(base, name)]);
  return { groups: Object.fromEntries(entries), version: ground.version, command: [] };
};

const directories = (fence: Fence): readonly string[] => [...new Set(Object.values(fence.groups))];

/** The files that a process writes "0" into to enter. */
export const entrancesOf = (fence: Fence): readonly string[] =>
  directories(fence).map((path) => join(path, 'cgroup.procs'));

/** What has to be written, in this order: version 1 refuses a sum of memory and swap below the memory. */
export const limitFiles = (version: 1 | 2, controller: Controller, limits: Limits): readonly [string, string][] => {
  const bytes = String(limits.memoryMb * 1_048_576);
  const quota = String(Math.round(limits.cpus * CPU_PERIOD_US));
  const processes = String(limits.maxProcesses + OWN_PROCESSES);
  if (controller === 'pids') return [['pids.max', processes]];
  if (version === 2) {
    if (controller === 'cpu') return [['cpu.max', `${quota} ${CPU_PERIOD_US}`]];
    return [
      ['memory.max', bytes],
      ['memory.swap.max', '0'],
    ];
  }
  if (controller === 'cpu') {
    return [
      ['cpu.cfs_period_us', String(CPU_PERIOD_US)],
      ['cpu.cfs_quota_us', quota],
    ];
  }
  return [
    ['memory.limit_in_bytes', bytes],
    ['memory.memsw.limit_in_bytes', bytes],
  ];
};

/** Kernels without swap accounting have no such file, and then nothing to escape to that we could forbid. */
const OPTIONAL = new Set(['memory.swap.max', 'memory.memsw.limit_in_bytes']);

/**
 * Makes the groups and sets their limits; rejects when one of them cannot be. Repeatable. The kernel takes a millisecond
 * for each group, mostly waiting, so nobody else waits with it.
 */
export const makeGroups = async (fence: Fence, limits: Limits): Promise<void> => {
  await Promise.all(directories(fence).map((path) => mkdir(path, { recursive: true })));
  for (const controller of CONTROLLERS) {
    const path = fence.groups[controller];
    if (path === undefined) continue;
    for (const [file, value] of limitFiles(fence.version, controller, limits)) {
      const target = join(path, file);
      if (OPTIONAL.has(file) && !existsSync(target)) continue;
      writeFileSync(target, value);
    }
  }
};

/** The processes in the groups; one that is about to be reaped may be among them. */
export const members = (fence: Fence): readonly number[] => {
  const pids = new Set<number>();
  for (const path of entrancesOf(fence)) {
    for (const line of readText(path).split('\n')) if (line !== '') pids.add(Number(line));
  }
  return [...pids];
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Kills all members at once where the kernel can; false where it cannot. */
export const killGroup = (fence: Fence): boolean => {
  if (fence.version === 1) return false;
  const paths = directories(fence).map((path) => join(path, 'cgroup.kill'));
  if (paths.length === 0 || !paths.every((path) => existsSync(path))) return false;
  for (const path of paths) writeFileSync(path, '1');
  return true;
};

const counter = (path: string | undefined, file: string, name: string): number => {
  if (path === undefined) return 0;
  const line = readText(join(path, file))
    .split('\n')
    .find((text) => text.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
};

/** The limits that were hit since the groups were made. */
export const hitsOf = (fence: Fence): readonly LimitHit[] => {
  const { memory, pids } = fence.groups;
  const killed = counter(memory, fence.version === 1 ? 'memory.oom_control' : 'memory.events', 'oom_kill');
  const refused = counter(pids, 'pids.events', 'max');
  return [...(killed > 0 ? (['memory'] as const) : []), ...(refused > 0 ? (['processes'] as const) : [])];
};

/** Removes the groups; the kernel refuses for a moment after the last member died. */
export const removeGroups = async (fence: Fence, clock: Clock): Promise<void> => {
  const gone = async (path: string): Promise<void> => {
    for (let tries = 0; tries < 100 && !(await removed(path)); tries += 1) await clock.sleep(10);
  };
  await Promise.all(directories(fence).map(gone));
};

const removed = async (path: string): Promise<boolean> => {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
};
