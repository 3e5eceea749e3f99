import { isDomainError } from '../core/errors.ts';
import type { RunId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import { claim } from '../core/transitions.ts';
import { decideRun } from './decide-run.ts';
import type { Drive } from './deps.ts';

/**
 * Claims the run that is next in turn, or none. The store's candidates are a hint, `claim` is the judge: one that
 * another worker got first is passed over. `isMine` names runs that this process is driving still, whose lease ran
 * out while it was too busy to renew it.
 */
export const claimNext = async (
  drive: Drive,
  concurrency: number,
  isMine: (id: RunId) => boolean,
): Promise<Run | null> => {
  const candidates = await drive.stores.runs.findClaimable(drive.clock.now(), concurrency);
  for (const id of candidates) {
    if (isMine(id)) continue;
    try {
      return await decideRun(drive, id, (current) =>
        claim(current, drive.holder, drive.pace.leaseMs, drive.clock.now()),
      );
    } catch (error) {
      if (!isDomainError(error, 'conflict') && !isDomainError(error, 'not_found')) throw error;
    }
  }
  return null;
};
