/** What the routes of conversations are given: the use cases, in the form that is shown. */
import type { ConversationDetailView, ConversationView, TurnView } from '../api/conversation-schemas.ts';
import type { Agent } from '../core/agent.ts';
import type { Begun, Saying } from '../core/conversation.ts';
import type { ConversationId, RunId, UserId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import type { Page, PageQuery } from '../ports/page.ts';

export type Heard =
  | { readonly kind: 'started'; readonly conversationId: ConversationId; readonly runId: RunId }
  | { readonly kind: 'delta'; readonly attempt: number; readonly text: string }
  | { readonly kind: 'idle' }
  | { readonly kind: 'turn'; readonly turn: TurnView };

/** Each answers `not_found` for another user's conversation as for none. */
export interface Talk {
  /** Begins a turn, after those that were asked for before it; it goes on whether or not anybody follows it. */
  begin(userId: UserId, saying: Saying, stopping: AbortSignal): Promise<Begun>;
  /** What is said, up to the answer; throws `turn_failed` when there is none. */
  follow(begun: Begun, signal: AbortSignal): AsyncIterable<Heard>;
  list(userId: UserId, page: PageQuery): Promise<Page<ConversationView>>;
  read(userId: UserId, id: ConversationId): Promise<ConversationDetailView>;
  /** `conflict` while a turn is in progress. */
  delete(userId: UserId, id: ConversationId): Promise<void>;
  /** Agrees to the latest proposal. */
  save(userId: UserId, id: ConversationId): Promise<Agent>;
  /** Runs the latest proposal once, without saving it. */
  tryOnce(userId: UserId, id: ConversationId): Promise<Run>;
}
