/** A conversation with the designer. Each turn of it is a run. */
import type { AgentId, ConversationId, Instant, RunId, UserId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** An agent that was shown to the user. */
export interface ProposedAgent {
  /** Body of `POST /agents`, valid. */
  readonly body: JsonObject;
  /** Number of the answer that showed it. */
  readonly seq: number;
  /** Id of the agent that agreeing makes, or of the one that it changes: known beforehand, so that twice is once. */
  readonly agentId: AgentId;
  /** Revision of the agent that it would change; null: it would be a new one. */
  readonly revision: number | null;
  readonly saved: boolean;
}

/** The turn in progress. With the messages it says all that its run is made of, so that whoever comes can queue that run. */
export interface TurnInProgress {
  /** Number of the user's message; the answer gets the next one. */
  readonly seq: number;
  /** The model was told once what is wrong with its proposal. */
  readonly corrected: boolean;
  /** The proposal that the user had seen when they wrote it; left out: none. Words agree to that one and no other. */
  readonly seen?: number;
  /** What it was told was wrong, where its present run is about that. */
  readonly reasons?: readonly string[];
  /** The run whose session is gone on with, or the messages instead of it; left out: nothing was said before. */
  readonly resumes?: RunId | 'messages';
}

/** A message that was accepted while another turn was in progress. */
export interface WaitingTurn {
  readonly seq: number;
  /** The run that will answer it; it is made when its turn comes. */
  readonly runId: RunId;
  readonly timezone: string | null;
  /** As in a turn. */
  readonly seen?: number;
}

/** What a conversation has come to. */
export interface Design {
  /** Of the user; IANA name. */
  readonly timezone: string;
  /** The agent that is being changed, or that was made. */
  readonly agentId: AgentId | null;
  readonly proposal: ProposedAgent | null;
  /** Run of the newest answer, whose session the next turn goes on with. */
  readonly lastRunId: RunId | null;
  readonly turn: TurnInProgress | null;
  /** In the order in which they were accepted; left out: none. Only while a turn is in progress. */
  readonly waiting?: readonly WaitingTurn[];
  /** The run that the first message is about. */
  readonly about?: RunId;
  /** Length of all that was said, in UTF-16 units; left out: not counted yet. */
  readonly length?: number;
}

export const NO_DESIGN: Design = { timezone: 'UTC', agentId: null, proposal: null, lastRunId: null, turn: null };

export interface Conversation {
  readonly id: ConversationId;
  readonly userId: UserId;
  readonly title: string;
  /** The CLI session that the turns resume. */
  readonly sessionId: string;
  /** Highest number of a message; 0 when there is none. Numbers may have gaps: answers that did not come. */
  readonly lastSeq: number;
  /** Run of the turn in progress; null when it is the user's turn. */
  readonly activeRunId: RunId | null;
  /** Left out: nothing yet. */
  readonly design?: Design;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface Message {
  readonly seq: number;
  readonly at: Instant;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly runId: RunId | null;
  /** A user's message is `waiting` until its turn comes, and `failed`, to be sent again, when its turn did. */
  readonly status: 'done' | 'failed' | 'waiting';
  /** What an answer carried beside its text; of a failed message, why. */
  readonly data: JsonObject | null;
}

/** What a user says. */
export interface Saying {
  /** null: a conversation begins. */
  readonly conversationId: ConversationId | null;
  readonly message: string;
  /** The agent that is to be changed; in the first message only, as is `runId`. */
  readonly agentId: AgentId | null;
  readonly runId: RunId | null;
  readonly timezone: string | null;
}

/** The turn that a message began. */
export interface Begun {
  readonly conversationId: ConversationId;
  /** Number of the user's message. */
  readonly seq: number;
  readonly runId: RunId;
}

/** What a store has to commit in one transaction; `messages` replace those of the same `seq`. */
export interface ConversationDecision {
  readonly conversation: Conversation;
  readonly messages: readonly Message[];
}
