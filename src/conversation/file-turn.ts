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
import { endTurn, failTurn } from './end-turn.ts';
import { checkProposal, isSameProposal } from './proposal.ts';
import { queueTurn } from './queue-turn.ts';
import { designOf, findAgent } from './read-conversation.ts';
import { saveAgentOf, withSaved } from './save-proposal.ts';

/** Another run for the same turn; written down before it is queued. */
const runAgain = async (
  engine: Engine,
  conversation: Conversation,
  resumes: RunId | 'messages',
  reasons?: readonly string[],
): Promise<void> => {
  const id = newId<RunId>(engine);
  const after = await engine.stores.conversations.update(conversation.id, (current) => {
    const design = designOf(current);
    if (current.activeRunId !== conversation.activeRunId || design.turn === null) {
      return { conversation: current, messages: [] };
    }
    const { reasons: earlier, ...turn } = design.turn;
    const told = reasons ?? earlier;
    const again = { ...turn, resumes, ...(told === undefined ? {} : { corrected: true, reasons: told }) };
    return {
      conversation: {
        ...current,
        activeRunId: id,
        design: { ...design, turn: again },
        updatedAt: engine.clock.now(),
      },
      messages: [],
    };
  });
  if (after.activeRunId === id) await queueTurn(engine, after);
};

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
  const seq = (design.turn?.seq ?? current.lastSeq) + 1;
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
    conversation: {
      ...saved,
      lastSeq: Math.max(seq, current.lastSeq),
      activeRunId: null,
      design: next,
      updatedAt: now,
    },
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
    return runAgain(engine, conversation, run.id, checked.reasons);
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
  await endTurn(engine, conversation.id, run.id, (current) => answered(current, run, outcome, now));
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
  else if (wasRefused(run)) await runAgain(engine, conversation, 'messages');
  else await failTurn(engine, conversation);
};
