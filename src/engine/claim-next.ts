import { isDomainError } from '../core/errors.ts';
import type { RunId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import { claim } from '../core/transitions.ts';
import { decideRun } from './decide-run.ts';
import type { Drive } from './deps.ts';

/**
 * Claims the runs that are next in turn, at most `room`: all at once, so that a store can commit them together. The
 * store's candidates are a hint, `claim` is the judge: one that another worker got first is passed over. `isMine` names
 * runs that this process is driving still, whose lease ran out while it was too busy to renew it. `take` gets each run
 * as soon as it is claimed, also when the claim of another one fails, which is thrown. Resolves with their number.
 */
export const claimNext = async (
  drive: Drive,
  { room, concurrency }: { readonly room: number; readonly concurrency: number },
  isMine: (id: RunId) => boolean,
  take: (run: Run) => void,
): Promise<number> => {
  const found = await drive.stores.runs.findClaimable(drive.clock.now(), concurrency);
  const candidates = found.filter((id) => !isMine(id));
  for (let next = 0; next < candidates.length; next += room) {
    const claims = await Promise.allSettled(candidates.slice(next, next + room).map((id) => claimOne(drive, id, take)));
    for (const one of claims) if (one.status === 'rejected') throw one.reason;
    const claimed = claims.filter((one) => one.status === 'fulfilled' && one.value).length;
    if (claimed > 0) return claimed;
  }
  return 0;
};

const claimOne = async (drive: Drive, id: RunId, take: (run: Run) => void): Promise<boolean> => {
  try {
    take(await decideRun(drive, id, (run) => claim(run, drive.holder, drive.pace.leaseMs, drive.clock.now())));
    return true;
  } catch (error) {
    if (isDomainError(error, 'conflict') || isDomainError(error, 'not_found')) return false;
    throw error;
  }
};
