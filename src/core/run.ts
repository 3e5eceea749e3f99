/**
 * A run: one execution of a task, and the states that it goes through.
 *
 *   queued ──claim──▶ starting ──place has it──▶ running ──place has ended──▶ succeeded | failed | timed_out | cancelled
 *     │                  └──place may not have it: again, later──▶ queued
 *     └──cancelled, or its firing was dropped──▶ cancelled | skipped
 *
 * `transitions.ts` holds the rules; nothing else makes a `Run` out of a `Run`.
 */
import type { Task } from './agent.ts';
import type { AgentId, ConversationId, Instant, RunId, UserId } from './ids.ts';
import type { Json, JsonObject } from './json.ts';
import type { CostUsd, TokenUsage } from './usage.ts';

export const RUN_STATUSES = [
  'queued',
  'starting',
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'skipped',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const STOP_REASONS = [
  'end_turn',
  'max_turns',
  'budget_reached',
  'usage_limited',
  'permission_denied',
  'deadline',
  'idle',
  'cancelled',
  'error',
] as const;
/** Why the agent stopped, in the contract's words. */
export type StopReason = (typeof STOP_REASONS)[number];

/** Why we end an execution that is still going. */
export const END_REASONS = [
  'cancelled',
  'deadline',
  'idle',
  'output',
  'budget_reached',
  'model_credentials_refused',
  'model_price_unknown',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** A limit of the place that an execution ran into. */
export const LIMIT_HITS = ['memory', 'processes', 'output', 'deadline', 'idle', 'disk'] as const;
export type LimitHit = (typeof LIMIT_HITS)[number];

/** What can be wrong with a run that did not succeed. */
export const FAILURE_CODES = [
  'cancelled',
  'deadline',
  'idle',
  'memory',
  'processes',
  'output',
  'disk',
  'budget_reached',
  'max_turns',
  'usage_limited',
  'model_credentials_refused',
  'model_price_unknown',
  'model_request_refused',
  'model_unavailable',
  'output_schema_mismatch',
  'harness_failed',
  'no_result',
  'packages_failed',
  'source_failed',
  'isolation_unavailable',
  'place_failed',
  'place_lost',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

export interface RunFailure {
  readonly code: FailureCode;
  readonly message: string;
  /** What to do next. */
  readonly hint: string | null;
}

export interface RunResult {
  readonly text: string;
  /** Present when the task asks for an output schema and the output satisfied it. */
  readonly structured: Json | null;
}

/** A tool call that the agent was not allowed to make. */
export interface PermissionDenial {
  readonly tool: string;
  readonly toolUseId: string;
  readonly input: JsonObject;
}

export const TRIGGER_KINDS = ['manual', 'schedule', 'webhook', 'conversation', 'retry'] as const;
export type TriggerKind = (typeof TRIGGER_KINDS)[number];
export interface Trigger {
  readonly kind: TriggerKind;
  /** With `schedule`: the instant that the schedule named, which may lie before `createdAt`. */
  readonly firedFor: Instant | null;
}

/** The time-limited right of one process to reconcile a run. Its number is `Run.leaseToken`. */
export interface Lease {
  readonly holder: string;
  readonly expiresAt: Instant;
}

/** How far an execution's two streams were read, in bytes. */
export interface Offset {
  readonly stdout: number;
  readonly stderr: number;
}
export const OFFSET_START: Offset = { stdout: 0, stderr: 0 };

/** The started execution, as any process can find it again. */
export interface ExecutionRecord {
  /** The executor's durable name for the place. */
  readonly ref: string;
  readonly startedAt: Instant;
  /** Up to here the output is in the event log; the two are written in one transaction. */
  readonly offset: Offset;
  /** What the harness remembers of the lines before `offset`; only the harness reads it. */
  readonly seen: Json;
}

interface Finished {
  /** When the execution started; null when it never did. */
  readonly startedAt: Instant | null;
  readonly endedAt: Instant;
  readonly stopReason: StopReason;
  readonly limitsHit: readonly LimitHit[];
}

export type RunState =
  /** Waits for a worker, not before `notBefore`. Moved on by `claim`, or ended by `requestStop`. */
  | { readonly status: 'queued'; readonly notBefore: Instant }
  /** A worker is starting it; whether the place has it is not known yet. Moved on by `started`. */
  | { readonly status: 'starting'; readonly lease: Lease }
  /** The place has it. Moved on by `settle`. */
  | { readonly status: 'running'; readonly lease: Lease; readonly execution: ExecutionRecord }
  | ({ readonly status: 'succeeded'; readonly result: RunResult } & Finished)
  | ({ readonly status: 'failed'; readonly result: RunResult | null; readonly failure: RunFailure } & Finished)
  | ({ readonly status: 'timed_out'; readonly result: RunResult | null; readonly failure: RunFailure } & Finished)
  | ({ readonly status: 'cancelled'; readonly result: RunResult | null; readonly failure: RunFailure } & Finished)
  /** A firing that its agent's overlap policy dropped, or that was missed; it never ran. */
  | { readonly status: 'skipped'; readonly endedAt: Instant; readonly reason: string };

/** The wish to end a run, durable before anything is killed; the first one stays. */
export interface Stop {
  readonly reason: EndReason;
  readonly at: Instant;
  readonly detail: string | null;
}

export interface Run {
  readonly id: RunId;
  readonly userId: UserId;
  readonly agentId: AgentId | null;
  /** Revision of the agent that `task` was copied from. */
  readonly agentRevision: number | null;
  readonly conversationId: ConversationId | null;
  readonly trigger: Trigger;
  readonly task: Task;
  readonly retryOf: RunId | null;
  /** Name of the executor that runs it. */
  readonly executor: string;
  /** The CLI session; known beforehand, so that a later turn can resume it. */
  readonly sessionId: string;
  /**
   * The session that it goes on with: the transcript of that run, or, where it is lost, the messages of its
   * conversation. Left out, it begins one.
   */
  readonly resumes?: RunId | 'messages';
  /** Counts the starts; 1 from the first on, 0 before. */
  readonly attempt: number;
  /** Number of the newest lease; who holds a lower one has lost the run. */
  readonly leaseToken: number;
  readonly stop: Stop | null;
  /** Model that answered; the wished one until then; null when neither is known. */
  readonly model: string | null;
  readonly permissionDenials: readonly PermissionDenial[];
  readonly tokenUsage: TokenUsage;
  readonly costUsd: CostUsd;
  /** `seq` of the newest event. */
  readonly lastSeq: number;
  readonly createdAt: Instant;
  readonly state: RunState;
}

/** Whether a worker holds the run, or held it when it died. */
export const isLive = (run: Run): boolean => run.state.status === 'starting' || run.state.status === 'running';

export const TERMINAL_STATUSES = ['succeeded', 'failed', 'timed_out', 'cancelled', 'skipped'] as const;
export const isTerminal = (run: Run): boolean => run.state.status !== 'queued' && !isLive(run);

/** When the execution started; null when it has not. */
export const startedAt = (run: Run): Instant | null => {
  switch (run.state.status) {
    case 'running':
      return run.state.execution.startedAt;
    case 'queued':
    case 'starting':
    case 'skipped':
      return null;
    default:
      return run.state.startedAt;
  }
};
