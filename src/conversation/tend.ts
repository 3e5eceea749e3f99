/** Takes turns over from processes that died: files runs that are over, and queues those that were promised. */
import type { Conversation } from '../core/conversation.ts';
import { isDomainError } from '../core/errors.ts';
import { isTerminal } from '../core/run.ts';
import type { Engine } from '../engine/deps.ts';
import { failTurn } from './end-turn.ts';
import { fileTurn } from './file-turn.ts';
import { queueTurn } from './queue-turn.ts';
import { designOf } from './read-conversation.ts';
import { COULD_NOT_BEGIN, COULD_NOT_FILE } from './turn-failure.ts';

/** Whoever is at work on a conversation is done with it long before. */
const UNTOUCHED_MS = 5_000;
const AT_ONCE = 100;

/** Brings a conversation up to date with its run; gives it as it is then. */
export const tendConversation = async (engine: Engine, conversation: Conversation): Promise<Conversation> => {
  const { activeRunId, id } = conversation;
  if (activeRunId === null) return conversation;
  const run = await engine.stores.runs.get(activeRunId);
  if (run === null && designOf(conversation).turn === null) await failTurn(engine, conversation, COULD_NOT_BEGIN);
  else if (run === null) await queueTurn(engine, conversation);
  else if (isTerminal(run)) await fileTurn(engine, run);
  else return conversation;
  return (await engine.stores.conversations.get(id)) ?? conversation;
};

const takeOver = async (engine: Engine, conversation: Conversation): Promise<void> => {
  try {
    await tendConversation(engine, conversation);
  } catch (error) {
    engine.logger.error({ err: error, conversationId: conversation.id }, 'a turn could not be taken over');
    // What is wrong with the turn itself is wrong each time: its message is given back, and the talk can go on.
    if (!isDomainError(error, 'store_unavailable')) await failTurn(engine, conversation, COULD_NOT_FILE);
  }
};

/** Does that for all that nobody has touched for a while, so that no turn waits for somebody to look at it. */
export const tendUnsettled = async (engine: Engine): Promise<void> => {
  const before = engine.clock.now() - UNTOUCHED_MS;
  for (const id of await engine.stores.conversations.findUnsettled(before, AT_ONCE)) {
    const conversation = await engine.stores.conversations.get(id);
    if (conversation !== null) await takeOver(engine, conversation);
  }
};
