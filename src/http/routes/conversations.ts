/** /api/conversation, /api/conversations */
import { conversationOperations as operations } from '../../api/conversation-operations.ts';
import { encodeAccepted, encodeAgent } from '../../api/encode.ts';
import { HttpError, problemOf } from '../../api/errors.ts';
import type { Begun, Saying } from '../../core/conversation.ts';
import { DomainError, isDomainError } from '../../core/errors.ts';
import type { AgentId, ConversationId, RunId } from '../../core/ids.ts';
import { type Bind, conversationIdOf, requireId, userOf } from '../bind.ts';
import type { HttpContext } from '../context.ts';
import { etagOf } from '../etag.ts';
import type { HttpOptions } from '../options.ts';
import { sendFrames, wantsStream } from '../sse.ts';
import { streamOptions } from '../stream-options.ts';
import type { Heard } from '../talk.ts';
import { totalsOf } from './agents.ts';

const NEVER = new AbortController().signal;

const idIn = (text: string | undefined, noun: string): string | null =>
  text === undefined ? null : requireId(text, noun);

const frame = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

const frameOf = (heard: Heard): string => {
  if (heard.kind === 'idle') return ': ping\n\n';
  if (heard.kind === 'turn') return frame('turn', heard.turn);
  const { kind, ...data } = heard;
  return frame(kind, data);
};

const locationOf = (begun: Begun): string => `/api/conversations/${begun.conversationId}`;

/** Binds the operations on conversations. */
export const bindConversations = (bind: Bind, options: HttpOptions): void => {
  const { engine, stopping = NEVER, talk } = options;

  async function* framesOf(c: HttpContext, begun: Begun, signal: AbortSignal): AsyncGenerator<string> {
    try {
      for await (const heard of talk.follow(begun, signal)) yield frameOf(heard);
    } catch (error) {
      if (!isDomainError(error)) throw error;
      yield frame('error', { ...problemOf(error, c.get('requestId')), conversationId: begun.conversationId });
    }
  }

  const stream = (c: HttpContext, begun: Begun): Response =>
    sendFrames((signal) => framesOf(c, begun, signal), streamOptions(c, options, begun.runId));

  const answer = async (c: HttpContext, begun: Begun): Promise<Response> => {
    const location = locationOf(begun);
    try {
      // Not the client's signal: a turn is not ended by who leaves.
      for await (const heard of talk.follow(begun, stopping)) {
        if (heard.kind === 'turn') return c.json(heard.turn, 200, { location, vary: 'accept' });
      }
    } catch (error) {
      if (!isDomainError(error, 'turn_failed')) throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      throw new HttpError('turn_failed', error.message, { ...hint, headers: { location } });
    }
    throw new DomainError('place_unavailable', `The server is stopping. The answer will be kept at ${location}.`);
  };

  bind(operations.createTurn, async ({ c, body }) => {
    const saying: Saying = {
      conversationId: idIn(body.conversationId, 'conversation') as ConversationId | null,
      message: body.message,
      agentId: idIn(body.agentId, 'agent') as AgentId | null,
      runId: idIn(body.runId, 'run') as RunId | null,
      timezone: body.timezone ?? null,
    };
    const begun = await talk.begin(userOf(c), saying, stopping);
    return wantsStream(c.req.header('accept')) ? stream(c, begun) : answer(c, begun);
  });

  bind(operations.listConversations, async ({ c, query }) => {
    const { items, next } = await talk.list(userOf(c), { limit: query.limit, cursor: query.page ?? null });
    return c.json({ data: items, nextPage: next });
  });

  bind(operations.readConversation, async ({ c }) => c.json(await talk.read(userOf(c), conversationIdOf(c))));

  bind(operations.deleteConversation, async ({ c }) => {
    await talk.delete(userOf(c), conversationIdOf(c));
    return c.body(null, 204);
  });

  bind(operations.saveProposal, async ({ c }) => {
    const agent = await talk.save(userOf(c), conversationIdOf(c));
    const totals = (await totalsOf(engine, [agent]))(agent);
    const etag = etagOf(engine, agent, totals);
    return c.json(encodeAgent(agent, totals), 201, { etag, location: `/agents/${agent.id}` });
  });

  bind(operations.tryProposal, async ({ c }) => {
    const run = await talk.tryOnce(userOf(c), conversationIdOf(c));
    return c.json(encodeAccepted(run), 202, { location: `/runs/${run.id}` });
  });
};
