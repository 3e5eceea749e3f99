/** Finds out where this server may make control groups, by making one. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Limits } from '../../core/limits.ts';
import { CONTROLLERS, type Controller, type Fence, type Ground, NO_FENCE } from './cgroup.ts';
import { freshName } from './place.ts';

/** What `/proc/self/cgroup` and `/proc/self/mountinfo` say, as text. */
export interface GroupFacts {
  readonly cgroup: string;
  readonly mountinfo: string;
}

interface Candidate {
  readonly version: 1 | 2;
  readonly controller: Controller | null;
  /** The best first. */
  readonly bases: readonly string[];
}

/** A path of the hierarchy as seen below its mount, whose root may be a part of it (in a container). */
const below = (mountRoot: string, path: string): string => {
  if (mountRoot === '/') return path;
  return path === mountRoot || path.startsWith(`${mountRoot}/`) ? path.slice(mountRoot.length) || '/' : '/';
};

const upwards = (path: string): readonly string[] => {
  const parts = path.split('/').filter(Boolean);
  return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`).concat('/');
};

/** Where groups could be made: below our own one, else further up. Pure. */
export const candidatesIn = (facts: GroupFacts): readonly Candidate[] => {
  const own = new Map<string, string>();
  for (const line of facts.cgroup.split('\n')) {
    const [, names, ...path] = line.split(':');
    for (const name of (names ?? '').split(',')) own.set(name, path.join(':'));
  }
  const found: Candidate[] = [];
  for (const line of facts.mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root = '/', mount = ''] = left.split(' ');
    const [type, , options = ''] = right.split(' ');
    if (type === 'cgroup2') {
      const bases = upwards(below(root, own.get('') ?? '/')).map((path) => join(mount, path));
      found.push({ version: 2, controller: null, bases });
    }
    if (type !== 'cgroup') continue;
    for (const controller of CONTROLLERS) {
      if (!options.split(',').includes(controller)) continue;
      const bases = [...new Set([below(root, own.get(controller) ?? '/'), '/'])].map((path) => join(mount, path));
      found.push({ version: 1, controller, bases });
    }
  }
  return found;
};

const tried = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};

const canMakeIn = (base: string, files: readonly string[]): boolean => {
  const probe = join(base, `slipway-probe-${freshName()}`);
  return tried(() => {
    mkdirSync(probe);
    const complete = files.every((file) => existsSync(join(probe, file)));
    rmdirSync(probe);
    if (!complete) throw new Error(`no ${files.join(', ')} in ${base}`);
  });
};

const NEEDED = ['memory.max', 'pids.max', 'cpu.max'];

/**
 * Version 2 gives controllers only to groups below one that has no processes of its own. A group that was delegated to
 * us holds ourselves, so everybody in it moves one level down; that is what delegation is for.
 */
const giveControllers = (base: string, isTop: boolean): boolean => {
  const enable = () => writeFileSync(join(base, 'cgroup.subtree_control'), '+memory +pids +cpu');
  if (tried(enable)) return true;
  // Root could move anybody: only where nothing is above us, as in a container.
  if (process.getuid?.() === 0 && !isTop) return false;
  return tried(() => {
    const leaf = join(base, 'slipway-server');
    mkdirSync(leaf, { recursive: true });
    for (const pid of readFileSync(join(base, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
      writeFileSync(join(leaf, 'cgroup.procs'), pid);
    }
    enable();
  });
};

const groundOfVersion2 = (candidate: Candidate): Ground | null => {
  for (const base of candidate.bases) {
    const controllers = tried(() => readFileSync(join(base, 'cgroup.controllers')))
      ? readFileSync(join(base, 'cgroup.controllers'), 'utf8').trim().split(' ')
      : [];
    if (!CONTROLLERS.every((name) => controllers.includes(name))) continue;
    if (
      canMakeIn(base, NEEDED) ||
      (giveControllers(base, base === candidate.bases.at(-1)) && canMakeIn(base, NEEDED))
    ) {
      return { version: 2, bases: { memory: base, pids: base, cpu: base } };
    }
  }
  return null;
};

const FILES = { memory: 'memory.limit_in_bytes', pids: 'pids.max', cpu: 'cpu.cfs_quota_us' } as const;

/** What can be had by making directories; with version 1 it may lack controllers. */
export const groundOf = (facts: GroupFacts): Ground => {
  const candidates = candidatesIn(facts);
  for (const candidate of candidates) {
    const ground = candidate.version === 2 ? groundOfVersion2(candidate) : null;
    if (ground !== null) return ground;
  }
  const bases: Partial<Record<Controller, string>> = {};
  for (const { version, controller, bases: places } of candidates) {
    if (version !== 1 || controller === null) continue;
    const base = places.find((path) => canMakeIn(path, [FILES[controller]]));
    if (base !== undefined) bases[controller] = base;
  }
  return { version: 1, bases };
};

/** The facts of this process. */
export const groupFacts = (): GroupFacts => ({
  cgroup: readFileSync('/proc/self/cgroup', 'utf8'),
  mountinfo: readFileSync('/proc/self/mountinfo', 'utf8'),
});

/** The controllers that version 2 has at its top; null when it is not mounted. */
export const unifiedControllers = (): readonly string[] | null => {
  const line = groupFacts()
    .mountinfo.split('\n')
    .find((each) => each.includes(' - cgroup2 '));
  const at = line?.split(' ')[4];
  if (at === undefined) return null;
  try {
    return readFileSync(join(at, 'cgroup.controllers'), 'utf8').trim().split(' ');
  } catch {
    return null;
  }
};

/** Controllers that a ground lacks. */
export const lacking = (ground: Ground): readonly Controller[] =>
  CONTROLLERS.filter((name) => ground.bases[name] === undefined);

/** Asks systemd for the group of one job. */
export const scopeFence = (user: boolean, unit: string, limits: Limits): Fence => ({
  ...NO_FENCE,
  command: [
    'systemd-run',
    ...(user ? ['--user'] : []),
    '--scope',
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    `--property=MemoryMax=${limits.memoryMb}M`,
    '--property=MemorySwapMax=0',
    `--property=TasksMax=${limits.maxProcesses + 2}`,
    `--property=CPUQuota=${Math.round(limits.cpus * 100)}%`,
    '--',
  ],
});

/** Whether systemd makes scopes for us, by having it make one. */
export const scopesWork = async (user: boolean): Promise<boolean> => {
  const args = [...(user ? ['--user'] : []), '--scope', '--quiet', '--collect', '--', 'true'];
  try {
    await promisify(execFile)('systemd-run', args, { timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
};
