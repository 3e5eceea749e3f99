/** Keeps the lease on a run while it is driven, and carries out the wish to end it. */

import { leaseLeftMs } from '../core/decision.ts';
import { isDomainError } from '../core/errors.ts';
import type { EndReason, Run } from '../core/run.ts';
import { renew } from '../core/transitions.ts';
import type { Drive } from './deps.ts';
import { createWake } from './wake.ts';

export interface LeaseKeeper {
  /** Aborts when the lease is lost. */
  readonly lost: AbortSignal;
  /** Resolves after `over` has aborted. */
  readonly done: Promise<void>;
}

/** Renews the lease before it runs out; calls `end`, perhaps again and again, once the record says that the run is to end. */
export const keepLease = (
  drive: Drive,
  run: Run,
  end: (reason: EndReason) => Promise<void>,
  over: AbortSignal,
): LeaseKeeper => {
  const lost = new AbortController();
  const wake = createWake(drive.clock);
  const unsubscribe = drive.notifier.onStopping(run.id, wake.ring);
  over.addEventListener('abort', wake.ring);

  const look = async (): Promise<void> => {
    let current = await drive.stores.runs.get(run.id);
    const now = drive.clock.now();
    // A clock that was set back would leave a lease that nobody could take over for as long as it was set back.
    const left = current === null ? Number.NaN : leaseLeftMs(current, now);
    if (left <= drive.pace.leaseMs / 2 || left > drive.pace.leaseMs) {
      current = await drive.stores.runs.update(run.id, (fresh) =>
        renew(fresh, run.leaseToken, drive.pace.leaseMs, now),
      );
    }
    if (current === null || current.leaseToken !== run.leaseToken) lost.abort();
    else if (current.stop !== null) await end(current.stop.reason);
  };

  const loop = async (): Promise<void> => {
    while (!over.aborted && !lost.signal.aborted) {
      wake.reset();
      try {
        await look();
      } catch (error) {
        if (isDomainError(error, 'lease_lost')) lost.abort();
        // A store that is away for a moment is tried again; if it stays away, the lease runs out by itself.
        else drive.logger.warn({ err: error, runId: run.id }, 'looking after the lease failed');
      }
      await wake.wait(drive.pace.lookMs);
    }
    unsubscribe();
    over.removeEventListener('abort', wake.ring);
  };

  return { lost: lost.signal, done: loop() };
};
