/**
 * Whether jobs can run here, found out by running some: each through the same walls, the same supervisor and the same
 * limits as any other job, with programs that push against them.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import { isDomainError } from '../../core/errors.ts';
import type { Finding, Readiness } from '../../ports/executor.ts';
import { roomIn } from './disk-quota.ts';
import type { Means } from './fences.ts';
import { groupFacts, lacking, unifiedControllers } from './ground.ts';
import { diagnoseGroups } from './group-diagnosis.ts';
import { findTool } from './host.ts';
import { tryNamespaces } from './namespaces.ts';
import { type ProbeHost, probeLimits, probeQuota, probeWalls } from './probes.ts';
import { filterObstacle, kernelFilters, MEND_FILTER } from './system-call-filter.ts';

export interface CheckOptions extends ProbeHost {
  readonly isolation: 'strict' | 'relaxed';
  /** Free bytes of the disk below which no job is started. */
  readonly reserveBytes: number | null;
  /** Where the kernel shows its settings. */
  readonly sysctlRoot?: string;
  means(): Promise<Means>;
}

const ok = (part: string, detail: string): Finding => ({ part, status: 'ok', detail, mend: null });
const missing = (part: string, detail: string, mend: string | null): Finding => ({
  part,
  status: 'missing',
  detail,
  mend,
});

const tool = async (name: string, pack: string): Promise<Finding> => {
  const path = findTool(name);
  if (path === null) return missing(name, 'not installed', `sudo apt-get install --yes ${pack}`);
  try {
    const { stdout } = await promisify(execFile)(path, ['--version']);
    return ok(name, `${stdout.trim().split('\n')[0]} (${path})`);
  } catch {
    return missing(name, `${path} does not work`, `sudo apt-get install --yes --reinstall ${pack}`);
  }
};

const GIB = 1_073_741_824;
/** So many times the reserve is little. */
const LOW = 4;
/** As many files are made by a job in no time. */
const FEW_INODES = 10_000;

/** Space against the reserve, below which no job is started; and what some disks run out of before that. */
const disk = ({ runsDir, reserveBytes }: CheckOptions): Finding => {
  const { files, ffree } = statfsSync(runsDir);
  const room = roomIn(runsDir);
  const { free } = room;
  const reserve = reserveBytes ?? room.reserve;
  const detail = `${(free / GIB).toFixed(1)} GiB free in ${runsDir}`;
  const mend = `df -h ${runsDir}   # free space there, or set SLIPWAY_DATA_DIR to a larger disk`;
  if (free < reserve) {
    const kept = `; ${Math.round(reserve / 1_048_576)} MiB are kept, and no job is started below that`;
    return missing('disk', detail + kept, mend);
  }
  // Some file systems make inodes as they need them, and say that they have none.
  if (files > 0 && ffree < FEW_INODES) {
    const status = ffree === 0 ? 'missing' : 'degraded';
    return {
      part: 'disk',
      status,
      detail: `${ffree} inodes free in ${runsDir}`,
      mend: `df -i ${runsDir}   # remove files there`,
    };
  }
  if (free < LOW * reserve) return { part: 'disk', status: 'degraded', detail: `${detail}, which is little`, mend };
  return ok('disk', detail);
};

const groups = async (options: CheckOptions): Promise<Finding> => {
  const means = await options.means();
  if (means.kind === 'groups') {
    return ok('control groups', `version ${means.ground.version}: ${Object.values(means.ground.bases).join(', ')}`);
  }
  if (means.kind === 'systemd') return ok('control groups', `by systemd-run${means.user ? ' --user' : ''} --scope`);
  const { why, mend } = diagnoseGroups(groupFacts(), unifiedControllers(), lacking(means.ground));
  const status = options.isolation === 'strict' ? 'missing' : 'degraded';
  return { part: 'control groups', status, detail: `cannot limit ${means.missing.join(', ')}: ${why}`, mend };
};

const isRoot = (): boolean => process.getuid?.() === 0;

const tools = async (): Promise<readonly Finding[]> => {
  const found = [await tool('bwrap', 'bubblewrap')];
  if (isRoot()) found.push(await tool('nsenter', 'util-linux'), await tool('unshare', 'util-linux'));
  return found;
};

/** Jobs that push against their walls. */
const probes = async (options: CheckOptions): Promise<readonly Finding[]> => {
  try {
    const [means, obstacle] = [await options.means(), filterObstacle(process.arch, kernelFilters())];
    const walls = await probeWalls(options, obstacle);
    return [...walls, ...(await probeLimits(options, means)), await probeQuota(options, means)];
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return [missing('sandbox', error.message, error.hint ?? null)];
  }
};

/** Tries every part. What cannot work without another part is not tried where that is missing. */
export const checkHost = async (options: CheckOptions): Promise<Readiness> => {
  mkdirSync(options.runsDir, { recursive: true, mode: 0o700 });
  const findings: Finding[] = [...(await tools()), disk(options), await groups(options)];
  const obstacle = filterObstacle(process.arch, kernelFilters());
  if (obstacle !== null && options.isolation === 'strict') {
    findings.push(missing('system calls', `cannot be filtered: ${obstacle}`, MEND_FILTER));
  }
  const bwrap = findTool('bwrap');
  if (bwrap !== null)
    findings.push(await tryNamespaces(bwrap, isRoot() ? findTool('unshare') : null, options.sysctlRoot));
  const lacks = findings.filter(({ status }) => status === 'missing').map(({ part }) => part);
  if (lacks.length === 0) findings.push(...(await probes(options)));
  else findings.push(missing('sandbox', `not tried: every job is refused without ${lacks.join(', ')}`, null));
  return { ready: findings.every(({ status }) => status !== 'missing'), findings };
};
