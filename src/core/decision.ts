/** What a decision is made of: numbered events, the table of transitions, and the lease that fences writers. */
import { DomainError } from './errors.ts';
import type { EventDraft, RunEvent } from './events.ts';
import type { Instant } from './ids.ts';
import { isLive, type Lease, type Run, type RunState, type RunStatus } from './run.ts';

/** What a store has to commit in one transaction. `events` follow on the run's earlier ones without a gap. */
export interface Decision {
  readonly run: Run;
  readonly events: readonly RunEvent[];
}

/** From each status, the ones that may follow. Staying is not a transition. */
export const TRANSITIONS: { readonly [From in RunStatus]: readonly RunStatus[] } = {
  queued: ['starting', 'cancelled', 'skipped'],
  starting: ['queued', 'running', 'failed', 'timed_out', 'cancelled'],
  running: ['succeeded', 'failed', 'timed_out', 'cancelled'],
  succeeded: [],
  failed: [],
  timed_out: [],
  cancelled: [],
  skipped: [],
};

/** The run as it is: nothing to commit. */
export const unchanged = (run: Run): Decision => ({ run, events: [] });

/** Numbers events as the run's next ones. */
export const number = (run: Run, drafts: readonly EventDraft[], now: Instant): Decision => ({
  run: drafts.length === 0 ? run : { ...run, lastSeq: run.lastSeq + drafts.length },
  events: drafts.map((draft, index) => ({ ...draft, seq: run.lastSeq + 1 + index, at: now })),
});

/** The run in its next state; `illegal_transition` when the table does not have it. */
export const moveTo = (run: Run, state: RunState, drafts: readonly EventDraft[], now: Instant): Decision => {
  if (!TRANSITIONS[run.state.status].includes(state.status)) {
    throw new DomainError('illegal_transition', `A run cannot go from ${run.state.status} to ${state.status}.`);
  }
  return number({ ...run, state }, drafts, now);
};

/** The lease of a live run; `illegal_transition` for any other. */
export const leaseOf = (run: Run): Lease => {
  if (run.state.status === 'starting' || run.state.status === 'running') return run.state.lease;
  throw new DomainError('illegal_transition', `A run that is ${run.state.status} has no lease.`);
};

/** Time that is left of the lease of a run, in milliseconds; none when it has no lease. */
export const leaseLeftMs = (run: Run, now: Instant): number => (isLive(run) ? leaseOf(run).expiresAt - now : 0);

/**
 * Refuses a holder whose time is over: whoever was stopped for a while may have been overtaken, and the run be over.
 * `lease_lost`.
 */
export const requireInTime = (run: Run, now: Instant): void => {
  if (leaseLeftMs(run, now) > 0) return;
  throw new DomainError('lease_lost', `The lease on run ${run.id} ran out before it was started.`);
};

/** Refuses everyone but the holder of the newest lease. */
export const requireLease = (run: Run, token: number): void => {
  if (!isLive(run) || run.leaseToken !== token) {
    throw new DomainError('lease_lost', `Lease ${token} on run ${run.id} is no longer valid.`);
  }
};

/** The run with its lease in `holder`'s hands until `expiresAt`. */
export const withLease = (run: Run, holder: string, expiresAt: Instant): Run => {
  const lease = { holder, expiresAt };
  if (run.state.status === 'starting') return { ...run, state: { ...run.state, lease } };
  if (run.state.status === 'running') return { ...run, state: { ...run.state, lease } };
  return run;
};
