/**
 * Whether jobs can run here, found out by running some: each through the same walls, the same supervisor and the same
 * limits as any other job, with programs that push against them.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isDomainError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finding, Readiness } from '../../ports/executor.ts';
import { freeBytes, RESERVE_BYTES } from './disk-quota.ts';
import { MEND_GROUPS, type Means } from './fences.ts';
import { findTool } from './host.ts';
import { type ProbeHost, probeLimits, probeQuota, probeWalls } from './probes.ts';
import { filterObstacle, kernelFilters } from './system-call-filter.ts';

export interface CheckOptions extends ProbeHost {
  readonly isolation: 'strict' | 'relaxed';
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
const LOW_BYTES = 4 * RESERVE_BYTES;

const disk = (runsDir: string): Finding => {
  const free = freeBytes(runsDir);
  const detail = `${(free / GIB).toFixed(1)} GiB free in ${runsDir}`;
  if (free >= LOW_BYTES) return ok('disk', detail);
  const mend = `Free space, or set SLIPWAY_DATA_DIR to a larger disk: df -h ${runsDir}`;
  return { part: 'disk', status: free < RESERVE_BYTES ? 'missing' : 'degraded', detail, mend };
};

const groups = async (options: CheckOptions): Promise<Finding> => {
  const means = await options.means();
  if (means.kind === 'groups') {
    return ok('control groups', `version ${means.ground.version}: ${Object.values(means.ground.bases).join(', ')}`);
  }
  if (means.kind === 'systemd') return ok('control groups', `by systemd-run${means.user ? ' --user' : ''} --scope`);
  const detail = `cannot limit: ${means.missing.join(', ')}`;
  const status = options.isolation === 'strict' ? 'missing' : 'degraded';
  return { part: 'control groups', status, detail, mend: MEND_GROUPS };
};

/** Tries every part. */
export const checkHost = async (options: CheckOptions): Promise<Readiness> => {
  const tools = [await tool('bwrap', 'bubblewrap')];
  if (process.getuid?.() === 0) tools.push(await tool('nsenter', 'util-linux'), await tool('unshare', 'util-linux'));
  const findings = [...tools, await groups(options)];
  try {
    const [means, obstacle] = [await options.means(), filterObstacle(process.arch, kernelFilters())];
    findings.push(...(await probeWalls(options, obstacle)), ...(await probeLimits(options, means)));
    findings.push(await probeQuota(options, means));
    findings.push(disk(options.runsDir));
  } catch (error) {
    if (!isDomainError(error)) throw error;
    findings.push(missing('sandbox', error.message, error.hint ?? null));
  }
  return { ready: findings.every(({ status }) => status !== 'missing'), findings };
};

const KEPT_MS = 60_000;

/** Calls at the same time share one check, and a good result is kept for a minute: a check runs several jobs. */
export const sharedCheck = (clock: Clock, check: () => Promise<Readiness>): (() => Promise<Readiness>) => {
  let running: Promise<Readiness> | null = null;
  let kept: { readonly readiness: Readiness; readonly until: number } | null = null;
  return () => {
    if (kept !== null && clock.now() < kept.until) return Promise.resolve(kept.readiness);
    running ??= check()
      .then((readiness) => {
        kept = readiness.ready ? { readiness, until: clock.now() + KEPT_MS } : null;
        return readiness;
      })
      .finally(() => {
        running = null;
      });
    return running;
  };
};
