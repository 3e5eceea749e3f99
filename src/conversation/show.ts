/** Conversations, their messages and their turns as they are shown. */
import type { AgentView } from '../api/agent-schemas.ts';
import { Schedule } from '../api/agent-schemas.ts';
import type {
  ComponentView,
  ConversationDetailView,
  ConversationView,
  ProposalView,
  TurnView,
} from '../api/conversation-schemas.ts';
import { encodeAgent, encodeInstant, NO_TOTALS } from '../api/encode.ts';
import type { Agent } from '../core/agent.ts';
import type { Conversation, Message } from '../core/conversation.ts';
import type { Engine } from '../engine/deps.ts';
import { type ComponentData, readAnswer } from './answer.ts';
import { MAX_MESSAGES } from './begin-turn.ts';
import { firingsOf, showProposal } from './proposal.ts';
import { designOf, findAgent } from './read-conversation.ts';
import { renderResult, renderSchedule, renderSummary } from './render.ts';
import { showFailure } from './turn-failure.ts';

const firingsOfComponent = (engine: Engine, cron: string, timezone: string): string[] => {
  const schedule = Schedule.safeParse({ cron, timezone });
  // A schedule that nothing could keep is shown as the words that it is.
  if (!schedule.success) return [];
  return firingsOf(engine, { schedule: schedule.data, status: 'active' }).map(encodeInstant);
};

const showComponent = (engine: Engine, component: ComponentData): ComponentView => {
  switch (component.type) {
    case 'schedule': {
      const { cron, timezone } = component;
      const data = { cron, timezone, nextFirings: firingsOfComponent(engine, cron, timezone) };
      return { type: 'schedule', data, html: renderSchedule(data) };
    }
    case 'summary': {
      const data = { title: component.title, lines: component.lines };
      return { type: 'summary', data, html: renderSummary(data) };
    }
    case 'result': {
      const data = { title: component.title, text: component.text };
      return { type: 'result', data, html: renderResult(data) };
    }
  }
};

/** What an answer carried beside its text; read again as if it came from the model. */
const besides = (engine: Engine, message: Message) => {
  const read = readAnswer({ text: 'x', ...message.data });
  const component = read?.component ?? null;
  return {
    status: read?.status ?? null,
    component: component === null ? null : showComponent(engine, component),
    agentCreated: message.data?.agentCreated === true,
  };
};

const showAgent = async (engine: Engine, agent: Agent | null): Promise<AgentView | null> => {
  if (agent === null) return null;
  const totals = await engine.stores.runs.agentTotals([agent.id]);
  return encodeAgent(agent, totals.get(agent.id) ?? NO_TOTALS);
};

interface Subject {
  readonly agent: AgentView | null;
  readonly proposal: ProposalView | null;
}

const showSubject = async (engine: Engine, conversation: Conversation): Promise<Subject> => {
  const { agentId, proposal, timezone } = designOf(conversation);
  const { userId, id } = conversation;
  const agent = await findAgent(engine, userId, agentId);
  const past = { userId, agentId: agent?.id ?? null, conversationId: id };
  return {
    agent: await showAgent(engine, agent),
    proposal: proposal === null ? null : await showProposal(engine, proposal, timezone, agent, past),
  };
};

/** The answer to a turn. @param message the designer's */
export const showTurn = async (engine: Engine, conversation: Conversation, message: Message): Promise<TurnView> => ({
  conversationId: conversation.id,
  text: message.text,
  ...besides(engine, message),
  ...(await showSubject(engine, conversation)),
  runId: message.runId ?? conversation.id,
});

export const showConversation = (conversation: Conversation): ConversationView => ({
  id: conversation.id,
  title: conversation.title,
  agentId: designOf(conversation).agentId,
  activeRunId: conversation.activeRunId,
  createdAt: encodeInstant(conversation.createdAt),
  updatedAt: encodeInstant(conversation.updatedAt),
});

/** The conversation with all its messages, which are bounded in number. */
export const showDetail = async (engine: Engine, conversation: Conversation): Promise<ConversationDetailView> => {
  const messages = await engine.stores.conversations.messages(conversation.id, 0, MAX_MESSAGES + 1);
  const { turn } = designOf(conversation);
  return {
    ...showConversation(conversation),
    messages: messages.map((message) => {
      const pending = conversation.activeRunId !== null && turn?.seq === message.seq;
      const { component, agentCreated } = besides(engine, message);
      const { seq, role, text, runId } = message;
      const status = pending ? 'pending' : message.status;
      const error = status === 'failed' ? { error: showFailure(message) } : {};
      return { seq, at: encodeInstant(message.at), role, text, status, ...error, runId, component, agentCreated };
    }),
    ...(await showSubject(engine, conversation)),
  };
};
