/** The facts about a run, numbered. Message content has the form of Anthropic content blocks. */
import type { Instant } from './ids.ts';
import type { Json, JsonObject } from './json.ts';
import type { EndReason, LimitHit, PermissionDenial, RunFailure, RunResult, StopReason, TriggerKind } from './run.ts';
import type { CostUsd, TokenUsage } from './usage.ts';

interface Ended {
  readonly stopReason: StopReason;
  readonly result: RunResult | null;
  readonly error: RunFailure | null;
  readonly limitsHit: readonly LimitHit[];
  readonly permissionDenials: readonly PermissionDenial[];
  readonly tokenUsage: TokenUsage;
  readonly costUsd: CostUsd;
}

/** What may have to be done before a program can start; `machine`: somebody else's has to become free. */
export const PREPARATION_STEPS = ['machine', 'packages', 'source'] as const;
/** `cached`: nothing had to be done. A step that fails has no event of its own, since the run's last one tells it. */
export const PREPARATION_STATUSES = ['started', 'done', 'cached'] as const;

/** What each type of event says. */
export interface EventData {
  'run.queued': { readonly trigger: TriggerKind; readonly attempt: number; readonly reason: string | null };
  'run.starting': { readonly attempt: number; readonly executor: string };
  'run.preparing': {
    readonly step: (typeof PREPARATION_STEPS)[number];
    readonly status: (typeof PREPARATION_STATUSES)[number];
    /** What is installed or fetched, or what is waited for. */
    readonly detail: string;
    /** How long it took; null while it is under way. */
    readonly durationMs: number | null;
  };
  'run.running': { readonly attempt: number };
  'run.stopping': { readonly reason: EndReason; readonly detail: string | null };
  'run.succeeded': Ended;
  'run.failed': Ended;
  'run.timed_out': Ended;
  'run.cancelled': Ended;
  'run.skipped': { readonly reason: string };
  'agent.init': {
    readonly sessionId: string;
    readonly model: string;
    readonly permissionMode: string;
    readonly tools: readonly string[];
    readonly mcpServers: readonly Json[];
    readonly harnessVersion: string;
  };
  'agent.message': { readonly messageId: string; readonly content: readonly JsonObject[] };
  'agent.thinking': { readonly messageId: string; readonly thinking: string };
  'agent.tool_use': {
    readonly messageId: string;
    readonly id: string;
    readonly name: string;
    readonly input: JsonObject;
  };
  'agent.tool_result': { readonly toolUseId: string; readonly isError: boolean; readonly content: Json };
  'agent.denied': PermissionDenial & { readonly hint: string };
  usage: TokenUsage & {
    readonly model: string;
    readonly costUsd: CostUsd;
    /** The answer was cut, so these are estimated from what had arrived. */
    readonly estimated: boolean;
    readonly total: TokenUsage & { readonly costUsd: CostUsd };
  };
  log: {
    readonly stream: 'stdout' | 'stderr' | 'slipway';
    readonly level: 'info' | 'warn' | 'error';
    readonly text: string;
  };
  /** The run asked for a host that it may not reach. */
  'egress.refused': {
    readonly host: string;
    readonly port: number;
    readonly reason: string;
    /** The setting that would allow it, and whose it is. */
    readonly hint: string;
  };
  artifact: { readonly path: string; readonly size: number; readonly status: 'added' | 'modified' | 'deleted' };
  /** Something was too large to keep whole, and where. */
  truncated: { readonly what: string; readonly bytes: number; readonly keptBytes: number };
}

export type EventType = keyof EventData;

/** An event before its number is known. */
export type EventDraft = {
  readonly [Type in EventType]: { readonly type: Type; readonly data: EventData[Type] };
}[EventType];

/** A numbered event: `seq` starts at 1, has no gaps, and never repeats within a run. */
export type RunEvent = EventDraft & { readonly seq: number; readonly at: Instant };

/** A piece of a message while it is written. Streamed to who watches, never stored, and without a number. */
export interface Delta {
  readonly messageId: string;
  readonly kind: 'text' | 'thinking' | 'tool_input';
  readonly text: string;
}

/** The event types after which no other follows. */
export const TERMINAL_EVENT_TYPES: readonly EventType[] = [
  'run.succeeded',
  'run.failed',
  'run.timed_out',
  'run.cancelled',
  'run.skipped',
];
