/** Ends the turn in progress; the one that waits begins in the same commit, so that it is never forgotten. */
import type { Conversation, ConversationDecision, Message, WaitingTurn } from '../core/conversation.ts';
import type { ConversationId, RunId } from '../core/ids.ts';
import type { Engine } from '../engine/deps.ts';
import { messageOfTurn, queueTurn } from './queue-turn.ts';
import { designOf } from './read-conversation.ts';
import { type TurnFailure, withFailure } from './turn-failure.ts';

interface Next {
  readonly waiting: WaitingTurn;
  readonly message: Message;
}

const firstOf = (conversation: Conversation): WaitingTurn | undefined => designOf(conversation).waiting?.[0];

const readNext = async (engine: Engine, conversation: Conversation): Promise<Next | null> => {
  const waiting = firstOf(conversation);
  if (waiting === undefined) return null;
  const message = await messageOfTurn(engine, conversation, { seq: waiting.seq, corrected: false });
  return message === undefined ? null : { waiting, message };
};

/** @param ended a conversation without a turn in progress, and the messages that are to be written with it */
const withNext = ({ conversation, messages }: ConversationDecision, next: Next | null): ConversationDecision => {
  if (next === null) return { conversation, messages };
  const { waiting: first, message } = next;
  const { waiting = [], ...design } = designOf(conversation);
  const later = waiting.slice(1);
  return {
    conversation: {
      ...conversation,
      activeRunId: first.runId,
      design: {
        ...design,
        timezone: first.timezone ?? design.timezone,
        turn: {
          seq: first.seq,
          corrected: false,
          resumes: design.lastRunId ?? 'messages',
          ...(first.seen === undefined ? {} : { seen: first.seen }),
        },
        ...(later.length === 0 ? {} : { waiting: later }),
      },
    },
    messages: [...messages, { ...message, status: 'done' }],
  };
};

/**
 * Ends the turn that `runId` answers, unless that is done already.
 *
 * @param end gives the conversation without a turn in progress, or null when it is not any more what `end` was made
 *   for; may run more than once
 * @returns false when `end` gave null: nothing was written
 */
export const endTurn = async (
  engine: Engine,
  id: ConversationId,
  runId: RunId,
  end: (current: Conversation) => ConversationDecision | null,
): Promise<boolean> => {
  for (;;) {
    const seen = await engine.stores.conversations.get(id);
    if (seen === null || seen.activeRunId !== runId) return true;
    if (end(seen) === null) return false;
    const next = await readNext(engine, seen);
    const after = await engine.stores.conversations.update(id, (current) => {
      const ended = end(current);
      // Somebody ended it, or a message came in between: nothing is written, and it is looked at again.
      const isOther = current.activeRunId !== runId || firstOf(current)?.runId !== firstOf(seen)?.runId;
      return isOther || ended === null ? { conversation: current, messages: [] } : withNext(ended, next);
    });
    if (after.activeRunId === runId) continue;
    await queueTurn(engine, after);
    if (next !== null) engine.notifier.changed(next.waiting.runId);
    return true;
  }
};

/** Ends the turn in progress without an answer; its message says why, and is marked so that it can be sent again. */
export const failTurn = async (engine: Engine, conversation: Conversation, failure: TurnFailure): Promise<void> => {
  const { activeRunId, id } = conversation;
  const { turn } = designOf(conversation);
  if (activeRunId === null) return;
  const message = turn === null ? undefined : await messageOfTurn(engine, conversation, turn);
  await endTurn(engine, id, activeRunId, (current) => ({
    conversation: {
      ...current,
      activeRunId: null,
      design: { ...designOf(current), turn: null },
      updatedAt: engine.clock.now(),
    },
    messages: message === undefined ? [] : [withFailure(message, failure)],
  }));
};
