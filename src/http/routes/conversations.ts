/** /api/conversation, /api/conversations */
import { conversationOperations as operations } from '../../api/conversation-operations.ts';
import { describeRun, encodeAgent, encodeRun, NO_TOTALS } from '../../api/encode.ts';
import { HttpError, problemOf } from '../../api/errors.ts';
import { DomainError, isDomainError } from '../../core/errors.ts';
import { type AgentId, type ConversationId, isUuid, type RunId } from '../../core/ids.ts';
import { type Bind, conversationIdOf, userOf } from '../bind.ts';
import { breakOff, type HttpContext } from '../context.ts';
import { etagOf } from '../etag.ts';
import { DEFAULT_STREAM_STALL_MS, type HttpOptions } from '../options.ts';
import { sendFrames, wantsStream } from '../sse.ts';
import type { Begun, Heard, Saying } from '../talk.ts';

const NEVER = new AbortController().signal;

const idIn = (text: string | undefined, noun: string): string | null => {
  if (text === undefined || isUuid(text)) return text ?? null;
  throw new DomainError('not_found', `There is no such ${noun}: its id is a lower-case UUID.`);
};

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
  const { engine, logger, stopping = NEVER, streamStallMs, talk } = options;

  async function* framesOf(c: HttpContext, begun: Begun, signal: AbortSignal): AsyncGenerator<string> {
    try {
      for await (const heard of talk.follow(begun, signal)) yield frameOf(heard);
    } catch (error) {
      if (!isDomainError(error)) throw error;
      yield frame('error', { ...problemOf(error, c.get('requestId')), conversationId: begun.conversationId });
    }
  }

  const stream = (c: HttpContext, begun: Begun): Response => {
    const fields = { requestId: c.get('requestId'), runId: begun.runId };
    return sendFrames((signal) => framesOf(c, begun, signal), {
      clock: engine.clock,
      stallMs: streamStallMs ?? DEFAULT_STREAM_STALL_MS,
      stopping,
      breakOff: () => breakOff(c),
      onStall: () => logger.warn(fields, 'a stream was dropped because its reader does not read'),
      onFailure: (error) => logger.error({ err: error, ...fields }, 'a stream broke'),
    });
  };

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
    const totals = (await engine.stores.runs.agentTotals([agent.id])).get(agent.id) ?? NO_TOTALS;
    const etag = etagOf(engine, agent, totals);
    return c.json(encodeAgent(agent, totals), 201, { etag, location: `/agents/${agent.id}` });
  });

  bind(operations.tryProposal, async ({ c }) => {
    const run = await talk.tryOnce(userOf(c), conversationIdOf(c));
    const body = { message: describeRun(run), executionId: run.id, run: encodeRun(run) };
    return c.json(body, 202, { location: `/runs/${run.id}` });
  });
};
