/** One turn for the one who asked: waits for its place, follows its runs, and tells what came of it. */
import type { Begun, Conversation, Message } from '../core/conversation.ts';
import { DomainError } from '../core/errors.ts';
import type { ConversationId, RunId } from '../core/ids.ts';
import type { Engine } from '../engine/deps.ts';
import { followRun } from '../engine/follow-run.ts';
import { createWake } from '../engine/wake.ts';
import { designOf } from './read-conversation.ts';
import { tendConversation } from './tend.ts';
import { createTextStream } from './text-stream.ts';
import { showFailure } from './turn-failure.ts';

export type Spoken =
  /** The message is written down; another turn is in progress. */
  | { readonly kind: 'waiting'; readonly conversationId: ConversationId; readonly runId: RunId }
  | { readonly kind: 'started'; readonly conversationId: ConversationId; readonly runId: RunId }
  | { readonly kind: 'delta'; readonly attempt: number; readonly text: string }
  | { readonly kind: 'idle' }
  | { readonly kind: 'answered'; readonly conversation: Conversation; readonly message: Message };

const LOOK_MS = 500;
const IDLE_MS = 15_000;

const failureOf = (said: Message): DomainError => {
  const { message, hint } = showFailure(said);
  return new DomainError('turn_failed', message, { hint });
};

/** Gives the text of the answers that a run's model writes, one attempt after the other. */
const createListener = () => {
  let attempt = 0;
  let messageId: string | null = null;
  let text = createTextStream();
  return {
    /** A new run begins at nothing. */
    restart: (): void => {
      messageId = null;
    },
    hear: (id: string, piece: string): Spoken | null => {
      if (id !== messageId) {
        messageId = id;
        attempt += 1;
        text = createTextStream();
      }
      const said = text.push(piece);
      return said === '' ? null : { kind: 'delta', attempt, text: said };
    },
  };
};

type Stage =
  | { readonly kind: 'waiting'; readonly before: RunId }
  | { readonly kind: 'running'; readonly runId: RunId }
  | { readonly kind: 'answered'; readonly conversation: Conversation; readonly message: Message }
  | { readonly kind: 'failed'; readonly message: Message };

/** Where a turn is, after what is to be done for it was done. */
const stageOf = async (engine: Engine, { conversationId, seq, runId }: Begun): Promise<Stage> => {
  const known = await engine.stores.conversations.get(conversationId);
  if (known === null) throw new DomainError('not_found', `There is no conversation ${conversationId}.`);
  const conversation = await tendConversation(engine, known);
  const { turn, waiting = [] } = designOf(conversation);
  const { activeRunId } = conversation;
  if (activeRunId !== null && turn?.seq === seq) return { kind: 'running', runId: activeRunId };
  if (activeRunId !== null && waiting.some((one) => one.runId === runId)) {
    return { kind: 'waiting', before: activeRunId };
  }
  const [message, answer] = await engine.stores.conversations.messages(conversationId, seq - 1, 2);
  const isAnswered = message?.status === 'done' && answer?.role === 'assistant' && answer.seq === seq + 1;
  if (isAnswered) return { kind: 'answered', conversation, message: answer };
  if (message === undefined)
    throw new DomainError('not_found', `The message is not in conversation ${conversationId}.`);
  return { kind: 'failed', message };
};

/** Resolves when something may have changed about the place of a turn that waits. */
const waitForPlace = async (
  engine: Engine,
  runIds: readonly RunId[],
  look: () => Promise<Stage>,
  signal: AbortSignal,
): Promise<void> => {
  const wake = createWake(engine.clock);
  const unsubscribe = runIds.map((id) => engine.notifier.onChanged(id, wake.ring));
  signal.addEventListener('abort', wake.ring);
  try {
    // Once more, now that nothing can be missed.
    if (!signal.aborted && (await look()).kind === 'waiting') await wake.wait(LOOK_MS);
  } finally {
    signal.removeEventListener('abort', wake.ring);
    for (const stop of unsubscribe) stop();
  }
};

/** What is said, up to the answer; `turn_failed` when there is none. Ends early when `signal` aborts. */
export async function* followTurn(engine: Engine, begun: Begun, signal: AbortSignal): AsyncGenerator<Spoken> {
  const ids = { conversationId: begun.conversationId, runId: begun.runId };
  const listener = createListener();
  const look = () => stageOf(engine, begun);
  let told: 'nothing' | 'waiting' | 'started' = 'nothing';
  let { runId } = begun;
  let spokeAt = engine.clock.now();
  while (!signal.aborted) {
    const stage = await look();
    if (stage.kind === 'waiting') {
      if (told === 'nothing') yield { kind: 'waiting', ...ids };
      told = 'waiting';
      await waitForPlace(engine, [stage.before, begun.runId], look, signal);
      if (engine.clock.now() - spokeAt < IDLE_MS) continue;
      spokeAt = engine.clock.now();
      yield { kind: 'idle' };
      continue;
    }
    if (told !== 'started') yield { kind: 'started', ...ids };
    told = 'started';
    if (stage.kind === 'answered') {
      yield stage;
      return;
    }
    if (stage.kind === 'failed') throw failureOf(stage.message);
    runId = stage.runId;
    listener.restart();
    for await (const followed of followRun(engine, runId, 0, signal)) {
      if (followed.kind === 'idle') yield { kind: 'idle' };
      if (followed.kind !== 'delta' || followed.delta.kind !== 'tool_input') continue;
      const heard = listener.hear(followed.delta.messageId, followed.delta.text);
      if (heard !== null) yield heard;
    }
  }
}
