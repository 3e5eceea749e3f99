/**
 * A user says something: the message is written down with the run that will answer it, then the run is queued. While
 * another turn is in progress the message waits, written down as well: what was accepted is answered, in order.
 */
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
import { readRun } from '../engine/read-run.ts';
import { readAgent } from '../engine/save-agent.ts';
import type { Once } from '../engine/submit-run.ts';
import { failTurn } from './end-turn.ts';
import { queueTurn } from './queue-turn.ts';
import { designOf, readConversation } from './read-conversation.ts';
import { tendConversation } from './tend.ts';
import { COULD_NOT_BEGIN } from './turn-failure.ts';

const TITLE_LENGTH = 80;
/** A session that is longer costs more than a new one. */
export const MAX_MESSAGES = 400;
/** Of all that was said, in UTF-16 units: a conversation is read as a whole. */
const MAX_LENGTH = 4_000_000;
/** Who has more to say while an answer is written says it in one message. */
const MAX_WAITING = 8;

const titleOf = (message: string): string => {
  const line = message
    .trim()
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\s+/g, ' ');
  return shorten(line, TITLE_LENGTH);
};

const said = (seq: number, at: number, text: string, runId: RunId, status: Message['status'] = 'done'): Message => ({
  seq,
  at,
  role: 'user',
  text,
  runId,
  status,
  data: null,
});

/** Whether a turn is in progress. */
export const isBusy = (conversation: Conversation): boolean => conversation.activeRunId !== null;

/** Queues what is written down; where that cannot be, the message is marked so that it can be sent again. */
const queueOrFail = async (engine: Engine, conversation: Conversation): Promise<void> => {
  try {
    await queueTurn(engine, conversation);
  } catch (error) {
    await failTurn(engine, conversation, COULD_NOT_BEGIN).catch((fault: unknown) => {
      engine.logger.error({ err: fault, conversationId: conversation.id }, 'a turn is left to be taken over');
    });
    throw error;
  }
};

const beginNew = async (engine: Engine, userId: UserId, saying: Saying, once?: Once<Begun>): Promise<Begun> => {
  const about = saying.runId === null ? null : await readRun(engine, userId, saying.runId);
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
      agentId: saying.agentId ?? about?.agentId ?? null,
      turn: { seq: 1, corrected: false },
      length: saying.message.length,
      ...(about === null ? {} : { about: about.id }),
    },
    createdAt: now,
    updatedAt: now,
  };
  const begun: Begun = { conversationId: conversation.id, seq: 1, runId };
  const first = { conversation, messages: [said(1, now, saying.message, runId)] };
  await engine.stores.conversations.insert(first, once?.(begun) ?? null);
  await queueOrFail(engine, conversation);
  return begun;
};

const refuseBegunContext = ({ agentId, runId }: Saying): void => {
  if (agentId === null && runId === null) return;
  throw new DomainError('invalid_request', 'agentId and runId belong into the first message of a conversation.', {
    faults: [{ pointer: agentId === null ? '/runId' : '/agentId', message: 'is taken in the first message only' }],
  });
};

const requireRoom = (conversation: Conversation, seq: number): void => {
  if (seq > MAX_MESSAGES || (designOf(conversation).length ?? 0) > MAX_LENGTH) {
    const limits = `${MAX_MESSAGES} messages, or ${MAX_LENGTH} characters`;
    throw new DomainError('conflict', `The conversation is as long as it may get: ${limits}.`, {
      hint: 'Begin a new one; with agentId it goes on with the same agent.',
    });
  }
  const waiting = designOf(conversation).waiting?.length ?? 0;
  if (waiting < MAX_WAITING) return;
  throw new DomainError('conflict', `${waiting} messages of this conversation wait for their turn already.`, {
    hint: 'This one was not taken. Send it again when they are answered.',
  });
};

/**
 * The number of the next message. The same text as a message that failed takes that message's place; where a turn is
 * in progress, the place of its answer is kept free.
 */
const seqOf = ({ lastSeq, activeRunId }: Conversation, newest: Message | null, text: string): number => {
  if (activeRunId !== null) return lastSeq + 2;
  const again = newest?.status === 'failed' && newest.text === text && newest.seq === lastSeq;
  return again ? lastSeq : lastSeq + 1;
};

/** The conversation with the message in it, as the turn in progress or behind it. */
const withMessage = (conversation: Conversation, saying: Saying, begun: Begun, now: number): ConversationDecision => {
  const { seq, runId } = begun;
  const before = designOf(conversation);
  const design = { ...before, length: (before.length ?? 0) + saying.message.length };
  const seen = design.proposal === null ? {} : { seen: design.proposal.seq };
  const touched = { ...conversation, lastSeq: seq, updatedAt: now };
  if (isBusy(conversation)) {
    const waiting = [...(design.waiting ?? []), { seq, runId, timezone: saying.timezone, ...seen }];
    return {
      conversation: { ...touched, design: { ...design, waiting } },
      messages: [said(seq, now, saying.message, runId, 'waiting')],
    };
  }
  const turn = {
    seq,
    corrected: false,
    ...seen,
    ...(seq === 1 ? {} : { resumes: design.lastRunId ?? ('messages' as const) }),
  };
  return {
    conversation: {
      ...touched,
      activeRunId: runId,
      design: { ...design, timezone: saying.timezone ?? design.timezone, turn },
    },
    messages: [said(seq, now, saying.message, runId)],
  };
};

const beginNext = async (
  engine: Engine,
  userId: UserId,
  id: ConversationId,
  saying: Saying,
  once?: Once<Begun>,
): Promise<Begun> => {
  refuseBegunContext(saying);
  const runId = newId<RunId>(engine);
  for (;;) {
    // An answer that is there already is filed first, so that nobody waits for it.
    const before = await tendConversation(engine, await readConversation(engine, userId, id));
    const newest = (await engine.stores.conversations.messages(id, before.lastSeq - 1, 1))[0] ?? null;
    const seq = seqOf(before, newest, saying.message);
    requireRoom(before, seq);
    const begun: Begun = { conversationId: id, seq, runId };
    const now = engine.clock.now();
    const after = await engine.stores.conversations.update(
      id,
      (current) =>
        // Somebody else was quicker: nothing is written, and it is looked at again.
        current.activeRunId !== before.activeRunId || current.lastSeq !== before.lastSeq
          ? { conversation: current, messages: [] }
          : withMessage(current, saying, begun, now),
      once?.(begun) ?? null,
    );
    if (after.activeRunId === runId) await queueOrFail(engine, after);
    if (after.activeRunId === runId || designOf(after).waiting?.at(-1)?.runId === runId) return begun;
  }
};

/** Takes a message; when this resolves it is written down, and it will be answered. */
export const beginTurn = (engine: Engine, userId: UserId, saying: Saying, once?: Once<Begun>): Promise<Begun> =>
  saying.conversationId === null
    ? beginNew(engine, userId, saying, once)
    : beginNext(engine, userId, saying.conversationId, saying, once);
