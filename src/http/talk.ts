/** What the routes of conversations are given: the use cases, in the form that is shown. */
import type { ConversationDetailView, ConversationView, TurnView } from '../api/conversation-schemas.ts';
import type { Agent } from '../core/agent.ts';
import type { Begun, Saying } from '../core/conversation.ts';
import type { ConversationId, RunId, UserId } from '../core/ids.ts';
import type { Page, PageQuery } from '../core/page.ts';
import type { Run } from '../core/run.ts';
import type { Once } from '../engine/submit-run.ts';

export type Heard =
  | { readonly kind: 'waiting'; readonly conversationId: ConversationId; readonly runId: RunId }
  | { readonly kind: 'started'; readonly conversationId: ConversationId; readonly runId: RunId }
  | { readonly kind: 'delta'; readonly attempt: number; readonly text: string }
  | { readonly kind: 'idle' }
  | { readonly kind: 'turn'; readonly turn: TurnView };

/** Each answers `not_found` for another user's conversation as for none. */
export interface Talk {
  /** Takes a message, durably; it is answered after those before it, whether or not anybody follows. */
  begin(userId: UserId, saying: Saying, once?: Once<Begun>): Promise<Begun>;
  /** What is said, up to the answer; throws `turn_failed` when there is none. */
  follow(begun: Begun, signal: AbortSignal): AsyncIterable<Heard>;
  list(userId: UserId, page: PageQuery): Promise<Page<ConversationView>>;
  read(userId: UserId, id: ConversationId): Promise<ConversationDetailView>;
  /** `conflict` while a turn is in progress. */
  delete(userId: UserId, id: ConversationId): Promise<void>;
  /** Agrees to the latest proposal; `conflict` when that is not the one of the answer `seen`. */
  save(userId: UserId, id: ConversationId, seen: number | null): Promise<Agent>;
  /** Runs the latest proposal once, without saving it. */
  tryOnce(userId: UserId, id: ConversationId, once?: Once<Run>): Promise<Run>;
}
