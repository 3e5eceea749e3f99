/** Agents and their revisions. */
import type { Agent } from '../core/agent.ts';
import type { AgentId, Instant, UserId } from '../core/ids.ts';
import type { Page, PageQuery } from '../core/page.ts';
import type { IdempotencyRecord } from './idempotency-store.ts';

export interface AgentStore {
  /** `conflict` when the agent exists, `idempotency_in_flight` when the key does: nothing was written then. */
  insert(agent: Agent, once: IdempotencyRecord | null): Promise<Agent>;
  get(id: AgentId): Promise<Agent | null>;
  /**
   * Atomic; `decide` may run more than once. Keeps the earlier revision when `revision` goes up.
   * `not_found` when there is no such agent.
   */
  update(id: AgentId, decide: (agent: Agent) => Agent): Promise<Agent>;
  /** Deletes the agent and its revisions; its runs stay. `decide` may refuse by throwing. `not_found` as above. */
  delete(id: AgentId, decide: (agent: Agent) => void): Promise<void>;
  /** Newest first. */
  list(userId: UserId, page: PageQuery): Promise<Page<Agent>>;
  /** All revisions, newest first, the present one included. */
  revisions(id: AgentId, page: PageQuery): Promise<Page<Agent>>;
  /** Active agents whose `nextFireAt` has come, the longest due first. A hint: `update` is the judge. */
  findDue(now: Instant, limit: number): Promise<AgentId[]>;
}
