/**
 * The run that is a turn: no tools, an answer of one form, and a place of its own choice (`engine/turn-place.ts`). It is
 * made of what the conversation has written down and nothing else, so that any process can queue it, and queue it again.
 */
import type { Agent, Task } from '../core/agent.ts';
import type { Conversation, Message, TurnInProgress } from '../core/conversation.ts';
import { isDomainError } from '../core/errors.ts';
import { DEFAULT_LIMITS } from '../core/limits.ts';
import type { Engine } from '../engine/deps.ts';
import { submitRun } from '../engine/submit-run.ts';
import { ANSWER_SCHEMA } from './answer.ts';
import { contextOfRun } from './context.ts';
import { instructionsFor } from './instructions.ts';
import { designOf, findAgent } from './read-conversation.ts';

const taskOf = (engine: Engine, prompt: string, timezone: string, subject: Agent | null): Task => ({
  prompt,
  model: null,
  permissionMode: 'default',
  allowedTools: [],
  disallowedTools: [],
  requiredPackages: [],
  mcpServers: {},
  outputSchema: ANSWER_SCHEMA,
  limits: { ...DEFAULT_LIMITS, cpus: 2, maxTurns: 8 },
  network: { allow: [] },
  source: null,
  systemPrompt: instructionsFor(engine.clock.now(), timezone, subject),
  tools: 'none',
});

/** The message that is being answered; undefined where no turn is in progress. */
export const messageOfTurn = async (
  engine: Engine,
  conversation: Conversation,
  turn: TurnInProgress,
): Promise<Message | undefined> => {
  const [message] = await engine.stores.conversations.messages(conversation.id, turn.seq - 1, 1);
  return message?.seq === turn.seq ? message : undefined;
};

const correctionOf = (reasons: readonly string[]): string =>
  `[Slipway] Your proposal was not accepted and was not shown to the user:\n${reasons
    .map((reason) => `- ${reason}`)
    .join('\n')}\nAnswer the user's last message again, with the proposal corrected.`;

/** The run that the conversation is about, where the session does not know it yet; nothing when it is gone. */
const contextFor = async (engine: Engine, conversation: Conversation, turn: TurnInProgress): Promise<string> => {
  const { about } = designOf(conversation);
  if (about === undefined || (turn.seq > 1 && turn.resumes !== 'messages')) return '';
  try {
    return (await contextOfRun(engine, conversation.userId, about)).text;
  } catch (error) {
    if (isDomainError(error, 'not_found')) return '';
    throw error;
  }
};

/** Queues the run of the turn in progress, unless it is there already. */
export const queueTurn = async (engine: Engine, conversation: Conversation): Promise<void> => {
  const { timezone, agentId, turn } = designOf(conversation);
  if (conversation.activeRunId === null || turn === null) return;
  const message = await messageOfTurn(engine, conversation, turn);
  if (message === undefined) return;
  const prompt =
    turn.reasons === undefined
      ? `${await contextFor(engine, conversation, turn)}${message.text}`
      : correctionOf(turn.reasons);
  const subject = await findAgent(engine, conversation.userId, agentId);
  try {
    await submitRun(engine, {
      userId: conversation.userId,
      task: taskOf(engine, prompt, timezone, subject),
      agent: null,
      trigger: { kind: 'conversation', firedFor: null },
      conversationId: conversation.id,
      id: conversation.activeRunId,
      sessionId: conversation.sessionId,
      executor: await engine.turnPlace(),
      ...(turn.resumes === undefined ? {} : { resumes: turn.resumes }),
    });
  } catch (error) {
    // Another process, or another reader, was quicker.
    if (!isDomainError(error, 'conflict')) throw error;
  }
};
