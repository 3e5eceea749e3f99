/** Conversations and their messages. */
import type { Conversation, ConversationDecision, Message } from '../core/conversation.ts';
import type { ConversationId, UserId } from '../core/ids.ts';
import type { Page, PageQuery } from './page.ts';

export interface ConversationStore {
  /** `conflict` when the conversation exists. */
  insert(first: ConversationDecision): Promise<Conversation>;
  get(id: ConversationId): Promise<Conversation | null>;
  /** Atomic; `decide` may run more than once. `not_found` when there is no such conversation. */
  update(id: ConversationId, decide: (conversation: Conversation) => ConversationDecision): Promise<Conversation>;
  /** Messages with a `seq` above `after`, in order. */
  messages(id: ConversationId, after: number, limit: number): Promise<Message[]>;
  /** The latest touched first. */
  list(userId: UserId, page: PageQuery): Promise<Page<Conversation>>;
  /** Deletes it with its messages; its runs stay. `not_found` as above. */
  delete(id: ConversationId): Promise<void>;
}
