/**
 * The rules of a run, each one a pure decision: (run, facts, now) → the next run and its events, or a typed refusal.
 * A store runs a decision atomically and may run it twice; there are no rules anywhere else.
 */

import { type Conclusion, conclude } from './conclusion.ts';
import { type Decision, leaseOf, moveTo, number, requireLease, unchanged, withLease } from './decision.ts';
import { DomainError } from './errors.ts';
import type { EventDraft } from './events.ts';
import type { Instant } from './ids.ts';
import type { Json } from './json.ts';
import { costOf, type MeterReading, usageOf } from './pricing.ts';
import { nextStart } from './retry.ts';
import {
  type EndReason,
  type ExecutionRecord,
  isLive,
  isTerminal,
  OFFSET_START,
  type Offset,
  type PermissionDenial,
  type Run,
  type RunState,
} from './run.ts';
import { addCost, addUsage, NO_USAGE } from './usage.ts';

export { type Decision, TRANSITIONS, unchanged } from './decision.ts';

/** What is known of a run before it exists. */
export type NewRun = Pick<
  Run,
  | 'id'
  | 'userId'
  | 'agentId'
  | 'agentRevision'
  | 'conversationId'
  | 'trigger'
  | 'task'
  | 'retryOf'
  | 'executor'
  | 'sessionId'
  | 'resumes'
>;

/** The first decision of every run. */
export const queue = (input: NewRun, now: Instant): Decision =>
  number(
    {
      ...input,
      attempt: 0,
      leaseToken: 0,
      stop: null,
      model: input.task.model,
      permissionDenials: [],
      tokenUsage: NO_USAGE,
      costUsd: 0,
      lastSeq: 0,
      createdAt: now,
      state: { status: 'queued', notBefore: now },
    },
    [{ type: 'run.queued', data: { trigger: input.trigger.kind, attempt: 0, reason: null } }],
    now,
  );

/** A firing that is dropped visibly: a run that is over as it begins. */
export const skip = (input: NewRun, reason: string, now: Instant): Decision => {
  const { run, events } = queue(input, now);
  const end = moveTo(
    run,
    { status: 'skipped', endedAt: now, reason },
    [{ type: 'run.skipped', data: { reason } }],
    now,
  );
  return { run: end.run, events: [...events, ...end.events] };
};

/** Whether `claim` would give the run to a worker now. */
export const isClaimable = (run: Run, now: Instant): boolean => {
  if (run.state.status === 'queued') return run.state.notBefore <= now;
  return isLive(run) && leaseOf(run).expiresAt <= now;
};

/** Gives the run to a worker. Conflict when it is not to be had: taken, over, or not due yet. */
export const claim = (run: Run, holder: string, leaseMs: number, now: Instant): Decision => {
  if (!isClaimable(run, now)) throw new DomainError('conflict', `Run ${run.id} is not to be claimed now.`);
  const lease = { holder, expiresAt: now + leaseMs };
  const leaseToken = run.leaseToken + 1;
  if (run.state.status === 'queued') {
    const attempt = run.attempt + 1;
    return moveTo(
      { ...run, leaseToken, attempt },
      { status: 'starting', lease },
      [{ type: 'run.starting', data: { attempt, executor: run.executor } }],
      now,
    );
  }
  return { run: withLease({ ...run, leaseToken }, lease.holder, lease.expiresAt), events: [] };
};

/** Keeps the lease for another `leaseMs`. */
export const renew = (run: Run, token: number, leaseMs: number, now: Instant): Decision => {
  requireLease(run, token);
  return { run: withLease(run, leaseOf(run).holder, now + leaseMs), events: [] };
};

/** Hands the lease over at once; the execution goes on. */
export const handOver = (run: Run, token: number, now: Instant): Decision => {
  requireLease(run, token);
  return { run: withLease(run, leaseOf(run).holder, now), events: [] };
};

/** The place has the job. Said again of the same place, it changes nothing. */
export const started = (run: Run, token: number, ref: string, seen: Json, now: Instant): Decision => {
  requireLease(run, token);
  if (run.state.status === 'running') {
    if (run.state.execution.ref === ref) return unchanged(run);
    throw new DomainError('illegal_transition', `Run ${run.id} is in ${run.state.execution.ref}, not in ${ref}.`);
  }
  const execution: ExecutionRecord = { ref, startedAt: now, offset: OFFSET_START, seen };
  return moveTo(
    run,
    { status: 'running', lease: leaseOf(run), execution },
    [{ type: 'run.running', data: { attempt: run.attempt } }],
    now,
  );
};

/** The place does not have the job and may have it later: wait, or fail when there were enough tries. */
export const startFailed = (run: Run, token: number, reason: string, hint: string | null, now: Instant): Decision => {
  requireLease(run, token);
  if (run.state.status !== 'starting') {
    throw new DomainError('illegal_transition', `Run ${run.id} is ${run.state.status}; its start did not fail.`);
  }
  const again = nextStart(run.attempt, now);
  if (again === null || run.stop !== null) {
    return settle(run, token, conclude.placeFailed(`${reason} (start ${run.attempt})`, hint), [], now);
  }
  return moveTo(
    run,
    { status: 'queued', notBefore: again },
    [{ type: 'run.queued', data: { trigger: run.trigger.kind, attempt: run.attempt, reason } }],
    now,
  );
};

/** What was read of an execution's output, up to `offset`. */
export interface Recording {
  readonly events: readonly EventDraft[];
  readonly offset: Offset;
  readonly seen: Json;
  readonly model: string | null;
  readonly denials: readonly PermissionDenial[];
}

/** Takes down output: its events, and the offset that they were read up to. */
export const record = (run: Run, token: number, recording: Recording, now: Instant): Decision => {
  requireLease(run, token);
  if (run.state.status !== 'running') {
    throw new DomainError('illegal_transition', `Run ${run.id} is ${run.state.status}; it has no output yet.`);
  }
  const execution = { ...run.state.execution, offset: recording.offset, seen: recording.seen };
  return number(
    {
      ...run,
      model: recording.model ?? run.model,
      permissionDenials: mergeDenials(run.permissionDenials, recording.denials),
      state: { ...run.state, execution },
    },
    recording.events,
    now,
  );
};

/** Each denial once, by the call that was denied. */
const mergeDenials = (known: readonly PermissionDenial[], more: readonly PermissionDenial[]) => {
  const ids = new Set(known.map(({ toolUseId }) => toolUseId));
  const fresh = more.filter(({ toolUseId }) => !ids.has(toolUseId) && ids.add(toolUseId));
  return fresh.length === 0 ? known : [...known, ...fresh];
};

/**
 * Adds what the gateway metered; not fenced, since the gateway is the witness whoever holds the lease.
 * Reaching the budget, or a price that is not known where there is a budget, asks for the run's end.
 */
export const recordUsage = (run: Run, reading: MeterReading, now: Instant): Decision => {
  if (!isLive(run)) return unchanged(run);
  const costUsd = costOf(reading);
  const tokenUsage = addUsage(run.tokenUsage, usageOf(reading));
  const metered: Run = {
    ...run,
    tokenUsage,
    costUsd: addCost(run.costUsd, costUsd),
    model: run.model ?? reading.model,
  };
  const usage: EventDraft = {
    type: 'usage',
    data: {
      ...usageOf(reading),
      model: reading.model,
      costUsd,
      estimated: reading.estimated,
      total: { ...tokenUsage, costUsd: metered.costUsd },
    },
  };
  const decision = number(metered, [usage], now);
  const budget = run.task.limits.maxBudgetUsd;
  if (budget === null) return decision;
  const spent = metered.costUsd;
  if (spent === null) return andThen(decision, (next) => requestStop(next, 'model_price_unknown', reading.model, now));
  if (spent < budget) return decision;
  const detail = `${Number(spent.toFixed(4))} of ${budget} US dollars`;
  return andThen(decision, (next) => requestStop(next, 'budget_reached', detail, now));
};

/** Adds events that the record's reader should know of, whoever holds the lease; nothing once the run is over. */
export const note = (run: Run, events: readonly EventDraft[], now: Instant): Decision =>
  isLive(run) ? number(run, events, now) : unchanged(run);

/** What follows when `next` is decided on what `first` has made of the run: one commit for both. */
export const andThen = (first: Decision, next: (run: Run) => Decision): Decision => {
  const second = next(first.run);
  return { run: second.run, events: [...first.events, ...second.events] };
};

/**
 * Asks for the end of a run; the first reason stays. A live one ends when its place is empty, a queued one at once when
 * it is cancelled: every other reason is about an execution, and it has none.
 */
export const requestStop = (run: Run, reason: EndReason, detail: string | null, now: Instant): Decision => {
  if (isTerminal(run) || run.stop !== null) return unchanged(run);
  if (run.state.status === 'queued' && reason !== 'cancelled') return unchanged(run);
  const stop = { reason, at: now, detail };
  const decision = number({ ...run, stop }, [{ type: 'run.stopping', data: { reason, detail } }], now);
  if (run.state.status !== 'queued') return decision;
  return andThen(decision, (next) => finish(next, conclude.stopped(stop, null), [], now));
};

/** The end: its place is empty, and `conclusion` is what became of it. `events` come before the last one. */
export const settle = (
  run: Run,
  token: number,
  conclusion: Conclusion,
  events: readonly EventDraft[],
  now: Instant,
  denials: readonly PermissionDenial[] = [],
): Decision => {
  requireLease(run, token);
  const honest =
    run.stop !== null && conclusion.status !== 'succeeded' ? conclude.stopped(run.stop, conclusion.result) : conclusion;
  const permissionDenials = mergeDenials(run.permissionDenials, denials);
  const limitsHit = [...new Set([...conclusion.limitsHit, ...honest.limitsHit])];
  return finish({ ...run, permissionDenials }, { ...honest, limitsHit }, events, now);
};

const finish = (run: Run, conclusion: Conclusion, events: readonly EventDraft[], now: Instant): Decision => {
  const begun = run.state.status === 'running' ? run.state.execution.startedAt : null;
  const { stopReason, limitsHit, result } = conclusion;
  const finished = { startedAt: begun, endedAt: now, stopReason, limitsHit };
  const state: RunState =
    conclusion.status === 'succeeded'
      ? { status: 'succeeded', result: conclusion.result, ...finished }
      : { status: conclusion.status, result, failure: conclusion.failure, ...finished };
  const last: EventDraft = {
    type: `run.${conclusion.status}`,
    data: {
      stopReason,
      result,
      error: conclusion.status === 'succeeded' ? null : conclusion.failure,
      limitsHit,
      permissionDenials: run.permissionDenials,
      tokenUsage: run.tokenUsage,
      costUsd: run.costUsd,
    },
  };
  return moveTo(run, state, [...events, last], now);
};
