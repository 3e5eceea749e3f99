/** A user says something: the message is written down with the run that will answer it, then the run is queued. */
import {
  type Begun,
  type Conversation,
  type ConversationDecision,
  type Message,
  NO_DESIGN,
  type Saying,
} from '../core/conversation.ts';
import { DomainError } from '../core/errors.ts';
import type { ConversationId, RunId, UserId } from '../core/ids.ts';
import { shorten } from '../core/shorten.ts';
import type { Engine } from '../engine/deps.ts';
import { newId } from '../engine/new-id.ts';
import { readAgent } from '../engine/save-agent.ts';
import { contextOfRun } from './context.ts';
import { designOf, readConversation } from './read-conversation.ts';
import { submitTurn } from './turn-run.ts';

const TITLE_LENGTH = 80;
/** A session that is longer costs more than a new one. */
export const MAX_MESSAGES = 400;

const titleOf = (message: string): string => {
  const line = message
    .trim()
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\s+/g, ' ');
  return shorten(line, TITLE_LENGTH);
};

const said = (seq: number, at: number, text: string, runId: RunId): Message => ({
  seq,
  at,
  role: 'user',
  text,
  runId,
  status: 'done',
  data: null,
});

/** Whether a turn is in progress. */
export const isBusy = (conversation: Conversation): boolean => conversation.activeRunId !== null;

const beginNew = async (engine: Engine, userId: UserId, saying: Saying): Promise<Begun> => {
  const context = saying.runId === null ? null : await contextOfRun(engine, userId, saying.runId);
  const agentId = saying.agentId ?? context?.run.agentId ?? null;
  // Refused now rather than in the middle of the talk; a run's agent may be gone, and the run still be talked about.
  if (saying.agentId !== null) await readAgent(engine, userId, saying.agentId);
  const now = engine.clock.now();
  const runId = newId<RunId>(engine);
  const conversation: Conversation = {
    id: newId<ConversationId>(engine),
    userId,
    title: titleOf(saying.message),
    sessionId: newId<string>(engine),
    lastSeq: 1,
    activeRunId: runId,
    design: {
      ...NO_DESIGN,
      timezone: saying.timezone ?? NO_DESIGN.timezone,
      agentId,
      turn: { seq: 1, corrected: false },
    },
    createdAt: now,
    updatedAt: now,
  };
  await engine.stores.conversations.insert({ conversation, messages: [said(1, now, saying.message, runId)] });
  const prompt = `${context?.text ?? ''}${saying.message}`;
  await submitTurn(engine, conversation, { id: runId, prompt, resumes: null });
  return { conversationId: conversation.id, seq: 1, runId };
};

const refuseBegunContext = ({ agentId, runId }: Saying): void => {
  if (agentId === null && runId === null) return;
  throw new DomainError('invalid_request', 'agentId and runId belong into the first message of a conversation.', {
    faults: [{ pointer: agentId === null ? '/runId' : '/agentId', message: 'is taken in the first message only' }],
  });
};

/** The conversation with the message in it. The same text as a message that failed takes that message's place. */
const withMessage = (
  conversation: Conversation,
  newest: Message | null,
  saying: Saying,
  runId: RunId,
  now: number,
): ConversationDecision => {
  const again = newest?.status === 'failed' && newest.text === saying.message && newest.seq === conversation.lastSeq;
  const seq = again ? conversation.lastSeq : conversation.lastSeq + 1;
  if (seq > MAX_MESSAGES) {
    throw new DomainError(
      'conflict',
      `The conversation has ${MAX_MESSAGES} messages, which is as long as it may get.`,
      {
        hint: 'Begin a new one; with agentId it goes on with the same agent.',
      },
    );
  }
  const design = designOf(conversation);
  return {
    conversation: {
      ...conversation,
      lastSeq: seq,
      activeRunId: runId,
      design: { ...design, timezone: saying.timezone ?? design.timezone, turn: { seq, corrected: false } },
      updatedAt: now,
    },
    messages: [said(seq, now, saying.message, runId)],
  };
};

/** Null when another turn is in progress. */
const beginNext = async (engine: Engine, userId: UserId, id: ConversationId, saying: Saying): Promise<Begun | null> => {
  refuseBegunContext(saying);
  const before = await readConversation(engine, userId, id);
  if (isBusy(before)) return null;
  const newest = (await engine.stores.conversations.messages(id, before.lastSeq - 1, 1))[0] ?? null;
  const runId = newId<RunId>(engine);
  const now = engine.clock.now();
  const after = await engine.stores.conversations.update(id, (current) =>
    // Somebody else was quicker: nothing is written, and the caller waits.
    isBusy(current) || current.lastSeq !== before.lastSeq
      ? { conversation: current, messages: [] }
      : withMessage(current, newest, saying, runId, now),
  );
  if (after.activeRunId !== runId) return null;
  const { lastRunId } = designOf(after);
  const resumes = lastRunId ?? (after.lastSeq > 1 ? 'messages' : null);
  await submitTurn(engine, after, { id: runId, prompt: saying.message, resumes });
  return { conversationId: id, seq: designOf(after).turn?.seq ?? after.lastSeq, runId };
};

/** Begins a turn; null while the conversation is busy with another one. */
export const beginTurn = (engine: Engine, userId: UserId, saying: Saying): Promise<Begun | null> =>
  saying.conversationId === null
    ? beginNew(engine, userId, saying)
    : beginNext(engine, userId, saying.conversationId, saying);
