/** /api/conversation, /api/conversations */
import { conversationOperations as operations } from '../../api/conversation-operations.ts';
import { describeRun, encodeAgent, encodeRun, NO_TOTALS } from '../../api/encode.ts';
import { problemOf } from '../../api/errors.ts';
import { type Begun, isBusy, type Saying } from '../../conversation/begin-turn.ts';
import { tendConversation } from '../../conversation/file-turn.ts';
import { readConversation } from '../../conversation/read-conversation.ts';
import { saveProposal, tryProposal } from '../../conversation/save-proposal.ts';
import { showConversation, showDetail, showTurn } from '../../conversation/show.ts';
import { createTurnTaker, type Spoken } from '../../conversation/take-turn.ts';
import { DomainError, isDomainError } from '../../core/errors.ts';
import { type AgentId, type ConversationId, isUuid, type RunId } from '../../core/ids.ts';
import { type Bind, conversationIdOf, userOf } from '../bind.ts';
import { breakOff, type HttpContext } from '../context.ts';
import { etagOf } from '../etag.ts';
import { DEFAULT_STREAM_STALL_MS, type HttpOptions } from '../options.ts';
import { sendFrames, wantsStream } from '../sse.ts';

const NEVER = new AbortController().signal;

const idIn = (text: string | undefined, noun: string): string | null => {
  if (text === undefined || isUuid(text)) return text ?? null;
  throw new DomainError('not_found', `There is no such ${noun}: its id is a lower-case UUID.`);
};

const frame = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Binds the operations on conversations. */
export const bindConversations = (bind: Bind, options: HttpOptions): void => {
  const { engine, logger, stopping = NEVER, streamStallMs } = options;
  const turns = createTurnTaker(engine);

  const frameOf = async (spoken: Spoken): Promise<string> => {
    switch (spoken.kind) {
      case 'idle':
        return ': ping\n\n';
      case 'started':
        return frame('started', { conversationId: spoken.conversationId, runId: spoken.runId });
      case 'delta':
        return frame('delta', { attempt: spoken.attempt, text: spoken.text });
      case 'answered':
        return frame('turn', await showTurn(engine, spoken.conversation, spoken.message));
    }
  };

  async function* framesOf(c: HttpContext, begun: Begun, signal: AbortSignal): AsyncGenerator<string> {
    try {
      for await (const spoken of turns.follow(begun, signal)) yield await frameOf(spoken);
    } catch (error) {
      if (!isDomainError(error)) throw error;
      yield frame('error', { ...problemOf(error, c.get('requestId')), conversationId: begun.conversationId });
    }
  }

  const answer = async (c: HttpContext, begun: Begun): Promise<Response> => {
    // Not the client's signal: a turn is not ended by who leaves.
    for await (const spoken of turns.follow(begun, stopping)) {
      if (spoken.kind === 'answered') return c.json(await showTurn(engine, spoken.conversation, spoken.message));
    }
    throw new DomainError('place_unavailable', 'The server is stopping. The turn goes on; its answer will be kept.', {
      hint: `Read it at /api/conversations/${begun.conversationId}.`,
    });
  };

  bind(operations.createTurn, async ({ c, body }) => {
    const saying: Saying = {
      conversationId: idIn(body.conversationId, 'conversation') as ConversationId | null,
      message: body.message,
      agentId: idIn(body.agentId, 'agent') as AgentId | null,
      runId: idIn(body.runId, 'run') as RunId | null,
      timezone: body.timezone ?? null,
    };
    const begun = await turns.begin(userOf(c), saying, stopping);
    c.header('location', `/api/conversations/${begun.conversationId}`);
    c.header('vary', 'accept');
    if (!wantsStream(c.req.header('accept'))) return answer(c, begun);
    const fields = { requestId: c.get('requestId'), runId: begun.runId };
    return sendFrames((signal) => framesOf(c, begun, signal), {
      clock: engine.clock,
      stallMs: streamStallMs ?? DEFAULT_STREAM_STALL_MS,
      stopping,
      breakOff: () => breakOff(c),
      onStall: () => logger.warn(fields, 'a stream was dropped because its reader does not read'),
      onFailure: (error) => logger.error({ err: error, ...fields }, 'a stream broke'),
    });
  });

  bind(operations.listConversations, async ({ c, query }) => {
    const page = { limit: query.limit, cursor: query.page ?? null };
    const { items, next } = await engine.stores.conversations.list(userOf(c), page);
    return c.json({ data: items.map(showConversation), nextPage: next });
  });

  bind(operations.readConversation, async ({ c }) => {
    const known = await readConversation(engine, userOf(c), conversationIdOf(c));
    return c.json(await showDetail(engine, await tendConversation(engine, known)));
  });

  bind(operations.deleteConversation, async ({ c }) => {
    const known = await readConversation(engine, userOf(c), conversationIdOf(c));
    if (isBusy(await tendConversation(engine, known))) {
      throw new DomainError('conflict', 'A turn of this conversation is in progress.', {
        hint: `Wait for its end, or cancel run ${known.activeRunId}.`,
      });
    }
    await engine.stores.conversations.delete(known.id);
    return c.body(null, 204);
  });

  bind(operations.saveProposal, async ({ c }) => {
    const agent = await saveProposal(engine, userOf(c), conversationIdOf(c));
    const totals = (await engine.stores.runs.agentTotals([agent.id])).get(agent.id) ?? NO_TOTALS;
    const etag = etagOf(engine, agent, totals);
    return c.json(encodeAgent(agent, totals), 201, { etag, location: `/agents/${agent.id}` });
  });

  bind(operations.tryProposal, async ({ c }) => {
    const run = await tryProposal(engine, userOf(c), conversationIdOf(c));
    const body = { message: describeRun(run), executionId: run.id, run: encodeRun(run) };
    return c.json(body, 202, { location: `/runs/${run.id}` });
  });
};
