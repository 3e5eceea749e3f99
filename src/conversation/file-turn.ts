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
import { messageOfTurn, queueTurn } from './queue-turn.ts';
import { designOf, findAgent } from './read-conversation.ts';
import { saveAgentOf, withSaved } from './save-proposal.ts';
import { failureOfRun } from './turn-failure.ts';
import { wordsFor } from './words.ts';

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

interface Agreed {
  readonly agentId: AgentId | null;
  /** Why there is none. */
  readonly why: string | null;
  readonly save: (conversation: Conversation) => Conversation;
}

/** What agreeing led to: the agent, or why there is none. */
const agree = async (engine: Engine, run: Run, proposal: ProposedAgent): Promise<Agreed> => {
  try {
    const agent = await saveAgentOf(engine, run.userId, proposal);
    return { agentId: agent.id, why: null, save: (conversation) => withSaved(conversation, agent) };
  } catch (error) {
    if (!isDomainError(error) || error.code === 'store_unavailable' || error.code === 'internal') throw error;
    const why = `${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`;
    return { agentId: null, why, save: (conversation) => conversation };
  }
};

interface Outcome {
  readonly answer: DesignerAnswer;
  /** What the server has to add to the model's words. */
  readonly words: string | null;
  readonly agreedId: AgentId | null;
  readonly proposed: { readonly body: JsonObject; readonly agentId: AgentId; readonly revision: number | null } | null;
  readonly save: (conversation: Conversation) => Conversation;
}

const answered = (current: Conversation, run: Run, outcome: Outcome, now: number): ConversationDecision => {
  const saved = outcome.save(current);
  const design = designOf(saved);
  const seq = (design.turn?.seq ?? current.lastSeq) + 1;
  const proposal = outcome.proposed === null ? design.proposal : { ...outcome.proposed, seq, saved: false };
  const { answer, words } = outcome;
  const text = words === null ? answer.text : `${answer.text}\n\n${words}`;
  const length = (design.length ?? 0) + text.length;
  const next: Design = { ...design, proposal, lastRunId: run.id, turn: null, length };
  const message: Message = {
    seq,
    at: now,
    role: 'assistant',
    text,
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
  // Words agree to what was shown before they were written, and to nothing that comes with them or came since.
  const agrees =
    answer.confirmed && shown !== null && !isNew && checked?.ok !== false && design.turn?.seen === shown.seq;
  const agreed = agrees ? await agree(engine, run, shown) : null;
  const proposed =
    checked?.ok === true && isNew
      ? { body: checked.body, agentId: present?.id ?? newId<AgentId>(engine), revision: present?.revision ?? null }
      : null;
  const message = design.turn === null ? undefined : await messageOfTurn(engine, conversation, design.turn);
  const ours = wordsFor(message?.text ?? '');
  const words = (): string | null => {
    if (checked?.ok === false) return ours.refused(checked.reasons.join('; '));
    if (agreed !== null) return agreed.why === null ? null : ours.notSaved(agreed.why);
    return answer.confirmed && (isNew || shown !== null) ? ours.unseen : null;
  };
  const outcome: Outcome = {
    answer,
    words: words(),
    agreedId: agreed?.agentId ?? null,
    proposed,
    save: agreed?.save ?? ((same) => same),
  };
  const now = engine.clock.now();
  const isFiled = await endTurn(engine, conversation.id, run.id, (current) =>
    // An agent that was saved meanwhile is what a proposal would change, so the answer is looked at again.
    designOf(current).agentId === design.agentId ? answered(current, run, outcome, now) : null,
  );
  if (!isFiled) await fileTurn(engine, run);
};

/**
 * The transcript was not taken: the CLI ended before it had asked the model anything, or the model refused what was
 * asked, which with a transcript may be its length or its form. Without one it is asked once more.
 */
const wasRefused = ({ state, resumes, tokenUsage }: Run): boolean => {
  if (state.status !== 'failed' || resumes === undefined || resumes === 'messages') return false;
  if (state.failure.code === 'model_request_refused') return true;
  const isOfCli = state.failure.code === 'harness_failed' || state.failure.code === 'no_result';
  return isOfCli && tokenUsage.inputTokens + tokenUsage.outputTokens === 0;
};

/** Files the end of a turn's run; nothing for other runs, for runs that go on, and for what is filed already. */
export const fileTurn = async (engine: Engine, run: Run): Promise<void> => {
  if (run.trigger.kind !== 'conversation' || run.conversationId === null || !isTerminal(run)) return;
  const conversation = await engine.stores.conversations.get(run.conversationId);
  if (conversation === null || conversation.activeRunId !== run.id) return;
  const answer = run.state.status === 'succeeded' ? readAnswer(run.state.result.structured) : null;
  if (answer !== null) await fileAnswer(engine, conversation, run, answer);
  else if (wasRefused(run)) await runAgain(engine, conversation, 'messages');
  else await failTurn(engine, conversation, failureOfRun(run));
};
