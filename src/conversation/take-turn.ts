/** One turn for the one who asked: waits for its place, follows its run, and tells what came of it. */

import type { Begun, Conversation, Message, Saying } from '../core/conversation.ts';
import { DomainError } from '../core/errors.ts';
import type { ConversationId, RunId, UserId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import type { Engine } from '../engine/deps.ts';
import { followRun } from '../engine/follow-run.ts';
import { createWake } from '../engine/wake.ts';
import { beginTurn } from './begin-turn.ts';
import { fileTurn, tendConversation } from './file-turn.ts';
import { designOf, readConversation } from './read-conversation.ts';
import { createTextStream } from './text-stream.ts';

export type Spoken =
  | { readonly kind: 'started'; readonly conversationId: ConversationId; readonly runId: RunId }
  | { readonly kind: 'delta'; readonly attempt: number; readonly text: string }
  | { readonly kind: 'idle' }
  | { readonly kind: 'answered'; readonly conversation: Conversation; readonly message: Message };

export interface TurnTaker {
  /** Begins a turn, after those that were asked for before it. It goes on whether or not anybody follows it. */
  begin(userId: UserId, saying: Saying, stopping: AbortSignal): Promise<Begun>;
  /** What is said, up to the answer; `turn_failed` when there is none. Ends early when `signal` aborts. */
  follow(begun: Begun, signal: AbortSignal): AsyncGenerator<Spoken>;
}

const LOOK_MS = 500;

const isOver = (signal: AbortSignal): DomainError | null =>
  signal.aborted
    ? new DomainError('place_unavailable', 'The server is stopping; the message was not taken.', {
        hint: 'Send it again in a moment.',
      })
    : null;

/** Waits until the conversation is free, or something has changed about what keeps it busy. */
const waitFor = async (engine: Engine, userId: UserId, id: ConversationId, stopping: AbortSignal): Promise<void> => {
  const conversation = await tendConversation(engine, await readConversation(engine, userId, id));
  if (conversation.activeRunId === null) return;
  const wake = createWake(engine.clock);
  const unsubscribe = engine.notifier.onChanged(conversation.activeRunId, wake.ring);
  stopping.addEventListener('abort', wake.ring);
  await wake.wait(LOOK_MS);
  stopping.removeEventListener('abort', wake.ring);
  unsubscribe();
};

const failureOf = (run: Run | null): DomainError => {
  const failure = run !== null && 'failure' in run.state ? run.state.failure : null;
  const why = failure?.message ?? 'Its answer did not have the form that it has to have.';
  const kept = 'Your message was kept; send it again.';
  return new DomainError('turn_failed', `The designer could not answer. ${why}`, {
    hint: failure?.hint === null || failure === null ? kept : `${failure.hint} ${kept}`,
  });
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

/** What the conversation says of the turn after its run is over: the answer, another run, or that it failed. */
const lookAt = async (engine: Engine, begun: Begun, runId: RunId): Promise<Spoken | RunId> => {
  const run = await engine.stores.runs.get(runId);
  if (run !== null) await fileTurn(engine, run);
  const conversation = await engine.stores.conversations.get(begun.conversationId);
  if (conversation === null) throw new DomainError('not_found', `There is no conversation ${begun.conversationId}.`);
  const { turn } = designOf(conversation);
  if (turn?.seq === begun.seq && conversation.activeRunId !== null) return conversation.activeRunId;
  const [message, answer] = await engine.stores.conversations.messages(begun.conversationId, begun.seq - 1, 2);
  if (answer?.role === 'assistant' && message?.status === 'done') {
    return { kind: 'answered', conversation, message: answer };
  }
  throw failureOf(run);
};

const follow = (engine: Engine) =>
  async function* followTurn(begun: Begun, signal: AbortSignal): AsyncGenerator<Spoken> {
    yield { kind: 'started', conversationId: begun.conversationId, runId: begun.runId };
    const listener = createListener();
    let { runId } = begun;
    while (!signal.aborted) {
      listener.restart();
      for await (const followed of followRun(engine, runId, 0, signal)) {
        if (followed.kind === 'idle') yield { kind: 'idle' };
        if (followed.kind !== 'delta' || followed.delta.kind !== 'tool_input') continue;
        const heard = listener.hear(followed.delta.messageId, followed.delta.text);
        if (heard !== null) yield heard;
      }
      if (signal.aborted) return;
      const next = await lookAt(engine, begun, runId);
      if (typeof next !== 'string') {
        yield next;
        return;
      }
      runId = next;
    }
  };

/** Keeps those who speak in one conversation in the order in which they came. */
export const createTurnTaker = (engine: Engine): TurnTaker => {
  const last = new Map<ConversationId, Promise<unknown>>();

  const beginWhenFree = async (userId: UserId, saying: Saying, stopping: AbortSignal): Promise<Begun> => {
    for (;;) {
      const over = isOver(stopping);
      if (over !== null) throw over;
      const begun = await beginTurn(engine, userId, saying);
      if (begun !== null) return begun;
      if (saying.conversationId !== null) await waitFor(engine, userId, saying.conversationId, stopping);
    }
  };

  return {
    begin: async (userId, saying, stopping) => {
      const id = saying.conversationId;
      if (id === null) return beginWhenFree(userId, saying, stopping);
      // Whose conversation it is, before anything waits for it.
      await readConversation(engine, userId, id);
      const before = last.get(id) ?? Promise.resolve();
      const mine = before.catch(() => undefined).then(() => beginWhenFree(userId, saying, stopping));
      last.set(id, mine);
      try {
        return await mine;
      } finally {
        if (last.get(id) === mine) last.delete(id);
      }
    },
    follow: follow(engine),
  };
};
