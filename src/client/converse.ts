/** One turn of a conversation, streamed: what is said while it is said, then the whole answer. */
import type { TurnView } from '../api/conversation-schemas.ts';
import { type ClientOptions, ProblemError, send, UnreachableError } from './http.ts';
import { messagesOf } from './messages.ts';

export interface TurnInput {
  readonly message: string;
  readonly conversationId?: string;
  readonly agentId?: string;
  readonly runId?: string;
  readonly timezone?: string;
}

export type Spoken =
  | { readonly kind: 'started'; readonly conversationId: string; readonly runId: string }
  /** Text to be added; when `attempt` goes up, what was shown before is to be dropped. */
  | { readonly kind: 'delta'; readonly attempt: number; readonly text: string }
  | { readonly kind: 'turn'; readonly turn: TurnView };

/** Throws ProblemError when the turn fails, and UnreachableError when the stream breaks: the turn goes on then. */
export async function* converse(client: ClientOptions, input: TurnInput, signal?: AbortSignal): AsyncGenerator<Spoken> {
  const response = await send(client, 'POST', '/api/conversation', input, {
    headers: { accept: 'text/event-stream' },
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.body === null) throw new UnreachableError(client.url, new Error('The answer has no body.'));
  for await (const { event, data } of messagesOf(response.body)) {
    // The decoder of the stream: the form of each event is the contract's.
    if (event === 'turn') {
      yield { kind: 'turn', turn: JSON.parse(data) as TurnView };
      return;
    }
    if (event === 'error') {
      const problem: { status?: number; detail?: string } = JSON.parse(data);
      throw new ProblemError(problem.status ?? 500, problem);
    }
    if (event === 'started' || event === 'delta') yield { kind: event, ...JSON.parse(data) } as Spoken;
  }
  throw new UnreachableError(client.url, new Error('The stream ended without an answer.'));
}
