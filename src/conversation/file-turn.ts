/**
 * Files what became of a turn's run in its conversation. Whoever ended the run does it, and whoever looks at the
 * conversation does it again: done twice it is done once, so a killed process leaves nothing undone.
 *
 *   answering ──run succeeded──▶ answered | correcting (the proposal was not valid; asked once) ──▶ answered
 *   answering ──run failed──▶ the user's message is `failed` | answering anew (the transcript was refused)
 */
import type { Conversation, ConversationDecision, Design, Message, ProposedAgent } from '../core/conversation.ts';
import { isDomainError } from '../core/errors.ts';
import type { AgentId, RunId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { isTerminal, type Run } from '../core/run.ts';
import type { Engine } from '../engine/deps.ts';
import { newId } from '../engine/new-id.ts';
import { type DesignerAnswer, readAnswer } from './answer.ts';
import { checkProposal, isSameProposal } from './proposal.ts';
import { designOf, findAgent } from './read-conversation.ts';
import { saveAgentOf, withSaved } from './save-proposal.ts';
import { submitTurn } from './turn-run.ts';

/** A run that is not there after this long never came: its process died in between. */
const MISSING_AFTER_MS = 10_000;

const fail = (conversation: Conversation, message: Message | undefined, now: number): ConversationDecision => ({
  conversation: {
    ...conversation,
    activeRunId: null,
    design: { ...designOf(conversation), turn: null },
    updatedAt: now,
  },
  messages: message === undefined ? [] : [{ ...message, status: 'failed' }],
});

const messageOf = async (engine: Engine, conversation: Conversation): Promise<Message | undefined> => {
  const seq = designOf(conversation).turn?.seq ?? conversation.lastSeq;
  return (await engine.stores.conversations.messages(conversation.id, seq - 1, 1))[0];
};

const failTurn = async (engine: Engine, conversation: Conversation): Promise<void> => {
  const now = engine.clock.now();
  const message = await messageOf(engine, conversation);
  await engine.stores.conversations.update(conversation.id, (current) =>
    current.activeRunId === conversation.activeRunId
      ? fail(current, message, now)
      : { conversation: current, messages: [] },
  );
};

/** Another run for the same turn; written down before it is queued. */
const runAgain = async (
  engine: Engine,
  conversation: Conversation,
  prompt: string,
  resumes: RunId | 'messages',
  corrected: boolean,
): Promise<void> => {
  const id = newId<RunId>(engine);
  const after = await engine.stores.conversations.update(conversation.id, (current) => {
    const design = designOf(current);
    if (current.activeRunId !== conversation.activeRunId || design.turn === null) {
      return { conversation: current, messages: [] };
    }
    return {
      conversation: {
        ...current,
        activeRunId: id,
        design: { ...design, turn: { ...design.turn, corrected: corrected || design.turn.corrected } },
        updatedAt: engine.clock.now(),
      },
      messages: [],
    };
  });
  if (after.activeRunId === id) await submitTurn(engine, after, { id, prompt, resumes });
};

const correctionOf = (reasons: readonly string[]): string =>
  `[Slipway] Your proposal was not accepted and was not shown to the user:\n${reasons
    .map((reason) => `- ${reason}`)
    .join('\n')}\nAnswer the user's last message again, with the proposal corrected.`;

const refusalOf = (reasons: readonly string[]): string =>
  `\n\n(The proposal could not be accepted, and nothing was changed: ${reasons.join('; ')}. Say what you would like instead.)`;

/** What agreeing led to: the agent, or why there is none. */
const agree = async (
  engine: Engine,
  run: Run,
  proposal: ProposedAgent,
): Promise<{
  readonly agentId: AgentId | null;
  readonly words: string;
  readonly save: (c: Conversation) => Conversation;
}> => {
  try {
    const agent = await saveAgentOf(engine, run.userId, proposal);
    return { agentId: agent.id, words: '', save: (conversation) => withSaved(conversation, agent) };
  } catch (error) {
    if (!isDomainError(error) || error.code === 'store_unavailable' || error.code === 'internal') throw error;
    const words = `\n\n(Nothing was saved: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`})`;
    return { agentId: null, words, save: (conversation) => conversation };
  }
};

interface Outcome {
  readonly answer: DesignerAnswer;
  readonly words: string;
  readonly agreedId: AgentId | null;
  readonly proposed: { readonly body: JsonObject; readonly agentId: AgentId; readonly revision: number | null } | null;
  readonly save: (conversation: Conversation) => Conversation;
}

const answered = (current: Conversation, run: Run, outcome: Outcome, now: number): ConversationDecision => {
  const saved = outcome.save(current);
  const design = designOf(saved);
  const seq = current.lastSeq + 1;
  const proposal = outcome.proposed === null ? design.proposal : { ...outcome.proposed, seq, saved: false };
  const next: Design = { ...design, proposal, lastRunId: run.id, turn: null };
  const { answer } = outcome;
  const message: Message = {
    seq,
    at: now,
    role: 'assistant',
    text: `${answer.text}${outcome.words}`,
    runId: run.id,
    status: 'done',
    data: {
      status: answer.status,
      component: answer.component === null ? null : { ...answer.component },
      agentCreated: outcome.agreedId !== null,
    } as JsonObject,
  };
  return {
    conversation: { ...saved, lastSeq: seq, activeRunId: null, design: next, updatedAt: now },
    messages: [message],
  };
};

const fileAnswer = async (
  engine: Engine,
  conversation: Conversation,
  run: Run,
  answer: DesignerAnswer,
): Promise<void> => {
  const design = designOf(conversation);
  const present = await findAgent(engine, conversation.userId, design.agentId);
  const shown = design.proposal;
  const checked = answer.proposal === null ? null : checkProposal(engine, answer.proposal, present);
  if (checked?.ok === false && design.turn?.corrected === false) {
    return runAgain(engine, conversation, correctionOf(checked.reasons), run.id, true);
  }
  const isNew = checked?.ok === true && (shown === null || !isSameProposal(checked.body, shown.body));
  // Words agree to what was shown in an earlier turn, and to nothing that comes with them.
  const agrees = answer.confirmed && shown !== null && !isNew && checked?.ok !== false;
  const agreed = agrees ? await agree(engine, run, shown) : null;
  const proposed =
    checked?.ok === true && isNew
      ? { body: checked.body, agentId: present?.id ?? newId<AgentId>(engine), revision: present?.revision ?? null }
      : null;
  const outcome: Outcome = {
    answer,
    words: checked?.ok === false ? refusalOf(checked.reasons) : (agreed?.words ?? ''),
    agreedId: agreed?.agentId ?? null,
    proposed,
    save: agreed?.save ?? ((same) => same),
  };
  const now = engine.clock.now();
  await engine.stores.conversations.update(conversation.id, (current) =>
    current.activeRunId === run.id ? answered(current, run, outcome, now) : { conversation: current, messages: [] },
  );
};

/** The CLI would not take the transcript: it ended before it had asked the model anything. */
const wasRefused = (run: Run): boolean =>
  run.state.status === 'failed' &&
  run.resumes !== undefined &&
  run.resumes !== 'messages' &&
  (run.state.failure.code === 'harness_failed' || run.state.failure.code === 'no_result') &&
  run.tokenUsage.inputTokens + run.tokenUsage.outputTokens === 0;

/** Files the end of a turn's run; nothing for other runs, for runs that go on, and for what is filed already. */
export const fileTurn = async (engine: Engine, run: Run): Promise<void> => {
  if (run.trigger.kind !== 'conversation' || run.conversationId === null || !isTerminal(run)) return;
  const conversation = await engine.stores.conversations.get(run.conversationId);
  if (conversation === null || conversation.activeRunId !== run.id) return;
  const answer = run.state.status === 'succeeded' ? readAnswer(run.state.result.structured) : null;
  if (answer !== null) await fileAnswer(engine, conversation, run, answer);
  else if (wasRefused(run)) await runAgain(engine, conversation, run.task.prompt, 'messages', false);
  else await failTurn(engine, conversation);
};

/** Brings a conversation up to date with its run; gives it as it is then. */
export const tendConversation = async (engine: Engine, conversation: Conversation): Promise<Conversation> => {
  const { activeRunId, updatedAt, id } = conversation;
  if (activeRunId === null) return conversation;
  const run = await engine.stores.runs.get(activeRunId);
  if (run !== null && !isTerminal(run)) return conversation;
  if (run !== null) await fileTurn(engine, run);
  else if (engine.clock.now() - updatedAt > MISSING_AFTER_MS) await failTurn(engine, conversation);
  return (await engine.stores.conversations.get(id)) ?? conversation;
};
