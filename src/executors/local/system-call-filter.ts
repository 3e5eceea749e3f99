/** Which filter of system calls the jobs of this server get. */
import { existsSync } from 'node:fs';
import { DomainError } from '../../core/errors.ts';
import type { Logger } from '../../ports/logger.ts';
import { compileFilter, filteredArch } from './seccomp.ts';
import type { Identity } from './translate.ts';

/** Why there can be no filter on this machine; null when there can. */
export const filterObstacle = (arch: string, kernelHasIt: boolean): string | null => {
  if (filteredArch(arch) === null) return `there is none for the architecture ${arch}`;
  return kernelHasIt ? null : 'this kernel has no CONFIG_SECCOMP_FILTER';
};

/** Whether the kernel can filter system calls. */
export const kernelFilters = (): boolean => existsSync('/proc/sys/kernel/seccomp/actions_avail');

export const MEND_FILTER =
  'Use an x86_64 or aarch64 machine whose kernel has CONFIG_SECCOMP_FILTER, as all of Debian’s have.';

/** Gives the filter of a job; null without one, which only relaxed isolation allows, and says once. */
export const createFilters = (
  isolation: 'strict' | 'relaxed',
  logger: Logger,
  obstacle: () => string | null = () => filterObstacle(process.arch, kernelFilters()),
): ((identity: Identity) => Uint8Array | null) => {
  let warned = false;
  const compiled = new Map<Identity['kind'], Uint8Array>();
  return (identity) => {
    const arch = filteredArch(process.arch);
    const why = obstacle();
    if (why === null && arch !== null) {
      const known = compiled.get(identity.kind);
      const filter = known ?? compileFilter({ arch, entersNamespace: identity.kind === 'changed' });
      compiled.set(identity.kind, filter);
      return filter;
    }
    if (isolation === 'strict') {
      throw new DomainError('isolation_unavailable', `System calls of the job cannot be filtered: ${why}.`, {
        hint: `Nothing was executed. ${MEND_FILTER} To run without it: SLIPWAY_ISOLATION=relaxed.`,
      });
    }
    if (!warned) logger.warn({ why }, 'Jobs run without a filter of system calls.');
    warned = true;
    return null;
  };
};
