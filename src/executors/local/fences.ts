/** Decides how a job's limits are enforced on this host, and refuses it when they cannot be. */
import { DomainError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { Logger } from '../../ports/logger.ts';
import { type Fence, fenceOn, type Ground } from './cgroup.ts';
import { groundOf, groupFacts, lacking, scopeFence, scopesWork } from './ground.ts';

/** How this host enforces limits. */
export type Means =
  | { readonly kind: 'groups'; readonly ground: Ground }
  | { readonly kind: 'systemd'; readonly user: boolean }
  | { readonly kind: 'partly'; readonly ground: Ground; readonly missing: readonly string[] };

export interface Fences {
  /** Tries what there is; remembers it once nothing is missing. */
  means(): Promise<Means>;
  /** The fence of one job; `isolation_unavailable` under strict isolation when a part of it is missing. */
  fenceFor(name: string, limits: Limits): Promise<Fence>;
}

/** What to do about missing control groups. */
export const MEND_GROUPS =
  'sudo systemd-run --pty --property=Delegate=yes --property=User=$USER -- npm start   # or, in a container: docker run --privileged --cgroupns=private …';

export const createFences = (isolation: 'strict' | 'relaxed', logger: Logger): Fences => {
  let known: Means | null = null;
  let warned = false;

  const find = async (): Promise<Means> => {
    const ground = groundOf(groupFacts());
    const missing = lacking(ground);
    if (missing.length === 0) return { kind: 'groups', ground };
    const user = process.getuid?.() !== 0;
    return (await scopesWork(user)) ? { kind: 'systemd', user } : { kind: 'partly', ground, missing };
  };

  const means = async (): Promise<Means> => {
    if (known !== null) return known;
    const found = await find();
    // What is missing may be mended while the server runs.
    if (found.kind !== 'partly') known = found;
    return found;
  };

  return {
    means,
    fenceFor: async (name, limits) => {
      const found = await means();
      if (found.kind === 'groups') return fenceOn(found.ground, name);
      if (found.kind === 'systemd') return scopeFence(found.user, name, limits);
      const parts = found.missing.join(', ');
      if (isolation === 'strict') {
        throw new DomainError('isolation_unavailable', `This host has no control groups to limit: ${parts}.`, {
          hint: `Nothing was executed. To mend it: ${MEND_GROUPS} To run without these limits: SLIPWAY_ISOLATION=relaxed.`,
        });
      }
      if (!warned) logger.warn({ missing: found.missing }, `Jobs run without limits on ${parts}.`);
      warned = true;
      return fenceOn(found.ground, name);
    },
  };
};
