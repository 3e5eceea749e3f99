/** Conversations and their messages. */
import type { Conversation, ConversationDecision, Message } from '../core/conversation.ts';
import type { ConversationId, Instant, UserId } from '../core/ids.ts';
import type { Page, PageQuery } from '../core/page.ts';
import type { IdempotencyRecord } from './idempotency-store.ts';

export interface ConversationStore {
  /**
   * Commits a conversation and, with it, the idempotency record, if any. `conflict` when the conversation exists,
   * `idempotency_in_flight` when the key does: nothing was written then.
   */
  insert(first: ConversationDecision, once?: IdempotencyRecord | null): Promise<Conversation>;
  get(id: ConversationId): Promise<Conversation | null>;
  /**
   * Atomic; `decide` may run more than once. `once` is committed with the change, and not without one: see `insert`.
   * `not_found` when there is no such conversation.
   */
  update(
    id: ConversationId,
    decide: (conversation: Conversation) => ConversationDecision,
    once?: IdempotencyRecord | null,
  ): Promise<Conversation>;
  /** Messages with a `seq` above `after`, in order. */
  messages(id: ConversationId, after: number, limit: number): Promise<Message[]>;
  /** The latest touched first. */
  list(userId: UserId, page: PageQuery): Promise<Page<Conversation>>;
  /** Those that have an `activeRunId` and were touched before `before`, of all users; the longest untouched first. */
  findUnsettled(before: Instant, limit: number): Promise<ConversationId[]>;
  /** Deletes it with its messages; its runs stay. `not_found` as above. */
  delete(id: ConversationId): Promise<void>;
}
