/**
 * The local executor with what a job may need besides the system: packages from the cache, and a repository as the
 * beginning of its workspace. Both are made by steps that are jobs of the same executor, below `.steps`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isUuid } from '../../../core/ids.ts';
import type { Egress } from '../../../ports/egress.ts';
import type { Executor, Job } from '../../../ports/executor.ts';
import { createLocalExecutor, type LocalExecutorOptions } from '../executor.ts';
import type { Provision } from '../provision.ts';
import { namesIn } from '../release.ts';
import { UNFURNISHED } from '../translate.ts';
import { createPackageCache } from './cache.ts';
import { fetchSource } from './fetch-source.ts';
import type { GitSettings } from './git.ts';
import { createInstalls, type InstallDeps } from './install.ts';
import { furnishPackages } from './packages.ts';
import type { RegistrySettings } from './registries.ts';
import { clearOrphan, STEP_SECONDS } from './step.ts';
import { toolFindings } from './tool-findings.ts';
import { trustOf } from './trust.ts';

export interface PreparingExecutorOptions extends Omit<LocalExecutorOptions, 'provision'> {
  /** Directory of the installed packages, absolute, on the file system of `runsDir`; made when it is missing. */
  readonly packagesDir: string;
  readonly egress: Egress;
  readonly registries: RegistrySettings;
  readonly git: GitSettings;
  /** All certificates that the steps trust, in PEM form; empty = what each tool trusts by itself. */
  readonly authorities: readonly string[];
  /** What a step may keep on disk in MiB; 4096 when left out. */
  readonly stepDiskMb?: number;
}

const EXPIRE_EVERY_MS = 86_400_000;

/** Makes the local executor that also prepares places. */
export const createPreparingExecutor = (options: PreparingExecutorOptions): Executor => {
  const { packagesDir, egress, registries, git, authorities, stepDiskMb, ...local } = options;
  const { clock, logger, runsDir } = options;
  const stepsDir = join(runsDir, '.steps');
  const deps: InstallDeps = {
    stepsDir,
    egress,
    trust: trustOf(authorities),
    diskMb: stepDiskMb,
    cache: createPackageCache(packagesDir, clock.now),
    now: clock.now,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    executorWith: (furnishing) =>
      createLocalExecutor({
        ...local,
        runsDir: stepsDir,
        programs: {},
        provision: { furnish: async () => furnishing, fetch: async () => null },
      }),
  };
  const installs = createInstalls(deps);
  let expireAt = 0;

  const expire = async (): Promise<void> => {
    if (clock.now() < expireAt) return;
    expireAt = clock.now() + EXPIRE_EVERY_MS;
    try {
      const removed = await deps.cache.expire();
      if (removed > 0) logger.info({ removed }, 'installed packages that nobody uses were removed');
    } catch (error) {
      logger.warn({ err: error }, 'old packages could not be removed');
    }
  };

  /** Room for the steps of a job; gives the seconds that each may take. */
  const prepareFor = (job: Job): number => {
    mkdirSync(stepsDir, { recursive: true, mode: 0o700 });
    return Math.min(STEP_SECONDS, job.limits.timeoutSeconds);
  };

  const provision: Provision = {
    furnish: async (job, watch) => {
      if (job.packages.length === 0) return UNFURNISHED;
      const seconds = prepareFor(job);
      const furnishing = await furnishPackages({ installs, registries, now: clock.now }, job, seconds, watch);
      void expire();
      return furnishing;
    },
    fetch: async (job, watch, staged) => {
      if (job.source === null) return null;
      const order = { job, source: job.source, seconds: prepareFor(job), watch, staged };
      return await fetchSource({ ...deps, git }, order);
    },
  };

  /** Steps that a process left when it died: those whose lock nobody holds. */
  const sweepSteps = async (): Promise<void> => {
    for (const name of namesIn(stepsDir)) {
      const id = name.slice(0, 36);
      if (!isUuid(id) || (name !== id && name !== `${id}.way`)) continue;
      await clearOrphan(deps, id);
    }
  };

  const executor = createLocalExecutor({ ...local, provision });
  return {
    ...executor,
    check: async () => {
      const { ready, findings } = await executor.check();
      return { ready, findings: [...findings, ...(await toolFindings())] };
    },
    sweep: async (isOver) => {
      await sweepSteps();
      await expire();
      return await executor.sweep(isOver);
    },
  };
};
