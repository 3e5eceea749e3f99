/** The run that is a turn: no tools, an answer of one form, and a place of its own choice (`engine/turn-place.ts`). */
import type { Agent, Task } from '../core/agent.ts';
import type { Conversation } from '../core/conversation.ts';
import type { RunId } from '../core/ids.ts';
import { DEFAULT_LIMITS } from '../core/limits.ts';
import type { Engine } from '../engine/deps.ts';
import { submitRun } from '../engine/submit-run.ts';
import { ANSWER_SCHEMA } from './answer.ts';
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

/** Queues the turn's run under an id that the conversation has written down already. */
export const submitTurn = async (
  engine: Engine,
  conversation: Conversation,
  turn: { readonly id: RunId; readonly prompt: string; readonly resumes: RunId | 'messages' | null },
): Promise<void> => {
  const { timezone, agentId } = designOf(conversation);
  const subject = await findAgent(engine, conversation.userId, agentId);
  await submitRun(engine, {
    userId: conversation.userId,
    task: taskOf(engine, turn.prompt, timezone, subject),
    agent: null,
    trigger: { kind: 'conversation', firedFor: null },
    conversationId: conversation.id,
    id: turn.id,
    sessionId: conversation.sessionId,
    executor: (await engine.turnPlace?.()) ?? engine.executorName,
    ...(turn.resumes === null ? {} : { resumes: turn.resumes }),
  });
};
