/** Agreeing to a proposal: the agent is made, or changed. Done twice, it is done once. */
import type { Agent } from '../core/agent.ts';
import type { Conversation, ProposedAgent } from '../core/conversation.ts';
import { DomainError, isDomainError } from '../core/errors.ts';
import type { ConversationId, UserId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import type { Engine } from '../engine/deps.ts';
import { createAgent, readAgent, updateAgent } from '../engine/save-agent.ts';
import { submitRun } from '../engine/submit-run.ts';
import { bodyOf, draftOfBody, isSameProposal } from './proposal.ts';
import { designOf, findAgent, readConversation } from './read-conversation.ts';

const noProposal = (): DomainError =>
  new DomainError('conflict', 'There is no proposal in this conversation yet.', {
    hint: 'Say what the agent is to do; the designer will propose one.',
  });

/** The agent that a proposal stands for, saved. `stale_revision` when it was changed since it was proposed. */
export const saveAgentOf = async (engine: Engine, userId: UserId, proposal: ProposedAgent): Promise<Agent> => {
  const draft = draftOfBody(proposal.body);
  const { agentId, revision } = proposal;
  if (proposal.saved) return readAgent(engine, userId, agentId);
  if (revision === null) {
    try {
      return await createAgent(engine, userId, draft, undefined, agentId);
    } catch (error) {
      if (!isDomainError(error, 'conflict')) throw error;
      return readAgent(engine, userId, agentId);
    }
  }
  const present = await readAgent(engine, userId, agentId);
  // Saved by a process that died before it could say so.
  if (present.revision === revision + 1 && isSameProposal(bodyOf(present), proposal.body)) return present;
  return updateAgent(engine, userId, agentId, revision, () => draft);
};

/** The conversation's design once its proposal is saved. */
export const withSaved = (conversation: Conversation, agent: Agent): Conversation => {
  const design = designOf(conversation);
  const { proposal } = design;
  if (proposal === null || proposal.agentId !== agent.id) return conversation;
  return { ...conversation, design: { ...design, agentId: agent.id, proposal: { ...proposal, saved: true } } };
};

/** Agrees to the latest proposal of a user's conversation. */
export const saveProposal = async (engine: Engine, userId: UserId, id: ConversationId): Promise<Agent> => {
  const { proposal } = designOf(await readConversation(engine, userId, id));
  if (proposal === null) throw noProposal();
  const agent = await saveAgentOf(engine, userId, proposal);
  await engine.stores.conversations.update(id, (current) => ({
    // A newer proposal that came meanwhile was not agreed to.
    conversation: designOf(current).proposal?.seq === proposal.seq ? withSaved(current, agent) : current,
    messages: [],
  }));
  return agent;
};

/** Runs the latest proposal once, without saving it. */
export const tryProposal = async (engine: Engine, userId: UserId, id: ConversationId): Promise<Run> => {
  const { proposal } = designOf(await readConversation(engine, userId, id));
  if (proposal === null) throw noProposal();
  const present = await findAgent(engine, userId, proposal.revision === null ? null : proposal.agentId);
  const { task } = draftOfBody(proposal.body);
  return submitRun(engine, {
    userId,
    task: present === null ? task : { ...present.task, ...task },
    agent: null,
    trigger: { kind: 'manual', firedFor: null },
    conversationId: id,
  });
};
