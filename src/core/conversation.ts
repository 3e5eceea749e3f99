/** A conversation with the designer. Each turn of it is a run. */
import type { ConversationId, Instant, RunId, UserId } from './ids.ts';
import type { JsonObject } from './json.ts';

export interface Conversation {
  readonly id: ConversationId;
  readonly userId: UserId;
  readonly title: string;
  /** The CLI session that the turns resume. */
  readonly sessionId: string;
  /** Number of the newest message; 0 when there is none. */
  readonly lastSeq: number;
  /** Run of the turn in progress; null when it is the user's turn. */
  readonly activeRunId: RunId | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface Message {
  readonly seq: number;
  readonly at: Instant;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly runId: RunId | null;
  /** A user's message whose turn failed, which may be sent again, is `failed`. */
  readonly status: 'done' | 'failed';
  /** What an answer carried beside its text. */
  readonly data: JsonObject | null;
}

/** What a store has to commit in one transaction; `messages` replace those of the same `seq`. */
export interface ConversationDecision {
  readonly conversation: Conversation;
  readonly messages: readonly Message[];
}
