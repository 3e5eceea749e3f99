/** Runs and their events, kept durably. A store runs decisions; it has no rules of its own. */
import type { AgentTotals } from '../core/agent.ts';
import type { RunEvent } from '../core/events.ts';
import type { AgentId, ConversationId, Instant, RunId, UserId } from '../core/ids.ts';
import type { Page, PageQuery } from '../core/page.ts';
import type { Run, RunStatus } from '../core/run.ts';
import type { Decision } from '../core/transitions.ts';
import type { CostUsd, TokenUsage } from '../core/usage.ts';
import type { IdempotencyRecord } from './idempotency-store.ts';

export interface RunFilter {
  readonly userId: UserId;
  readonly agentId?: AgentId;
  readonly conversationId?: ConversationId;
  readonly statuses?: readonly RunStatus[];
  /** Made at this instant or later. */
  readonly from?: Instant;
  /** Made before this instant. */
  readonly to?: Instant;
}

export const USAGE_GROUPS = ['day', 'agent', 'model'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageQuery {
  readonly userId: UserId;
  /** From this instant's UTC day on, that day included. */
  readonly from: Instant;
  /** Up to this instant's UTC day, that day included. */
  readonly to: Instant;
  readonly groupBy: UsageGroup;
  /** Only the runs of this agent. */
  readonly agentId?: AgentId;
}

export interface UsageSum {
  /** A day as YYYY-MM-DD, an agent id ("" for runs without an agent), or a model's name. */
  readonly group: string;
  readonly runs: number;
  readonly tokenUsage: TokenUsage;
  /** Sum of what is known; `null` when a part of it is unknown. */
  readonly costUsd: CostUsd;
}

export interface RunStore {
  /**
   * Commits a run's first decision and, with it, the idempotency record; durable when it resolves.
   * `conflict` when the run exists, `idempotency_in_flight` when the key does: nothing was written then.
   */
  insert(first: Decision, once: IdempotencyRecord | null): Promise<Run>;
  get(id: RunId): Promise<Run | null>;
  /**
   * Reads the run, decides, and commits run and events together; nothing when `decide` throws or changes nothing.
   * `decide` may run more than once. `not_found` when there is no such run.
   */
  update(id: RunId, decide: (run: Run) => Decision): Promise<Run>;
  /**
   * Runs that `isClaimable` now, fair between users: a user's first one comes before another's second, and who has
   * fewer live runs comes first; then the oldest. Those in `except` are as if they were not there, and take nobody's
   * place. A hint: `claim` is the judge.
   */
  findClaimable(now: Instant, limit: number, except?: readonly RunId[]): Promise<RunId[]>;
  /** Newest first. */
  list(filter: RunFilter, page: PageQuery): Promise<Page<Run>>;
  /**
   * Events with a `seq` above `after`, in order, at most `limit`; none further once their data has `maxChars` characters
   * of JSON, so that there is at least one, if any. No such bound when it is left out.
   */
  events(id: RunId, after: number, limit: number, maxChars?: number): Promise<RunEvent[]>;
  /** Sums over runs by the day of their creation. */
  usage(query: UsageQuery): Promise<UsageSum[]>;
  /** For each agent asked for: its newest run and the tokens of all its runs. */
  agentTotals(ids: readonly AgentId[]): Promise<Map<AgentId, AgentTotals>>;
  /** Deletes up to `limit` runs that ended before `before`, with their events; returns which. Usage sums stay. */
  purge(before: Instant, limit: number): Promise<RunId[]>;
}
