/** A user's conversation, and the agent that it is about. */
import type { Agent } from '../core/agent.ts';
import { type Conversation, type Design, NO_DESIGN } from '../core/conversation.ts';
import { DomainError, isDomainError } from '../core/errors.ts';
import type { AgentId, ConversationId, UserId } from '../core/ids.ts';
import type { Engine } from '../engine/deps.ts';
import { readAgent } from '../engine/save-agent.ts';

export const designOf = (conversation: Conversation): Design => conversation.design ?? NO_DESIGN;

/** `not_found` also for another user's. */
export const readConversation = async (engine: Engine, userId: UserId, id: ConversationId): Promise<Conversation> => {
  const conversation = await engine.stores.conversations.get(id);
  if (conversation !== null && conversation.userId === userId) return conversation;
  throw new DomainError('not_found', `There is no conversation ${id}.`);
};

/** The user's agent, or null when it is gone. */
export const findAgent = async (engine: Engine, userId: UserId, id: AgentId | null): Promise<Agent | null> => {
  if (id === null) return null;
  try {
    return await readAgent(engine, userId, id);
  } catch (error) {
    if (isDomainError(error, 'not_found')) return null;
    throw error;
  }
};
