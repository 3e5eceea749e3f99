/** /agents */
import { agentOperations as operations } from '../../api/agent-operations.ts';
import { decodeAgent, decodeAgentRun, decodeAgentUpdate } from '../../api/decode.ts';
import { encodeAccepted, encodeAgent, encodeRun, NO_TOTALS } from '../../api/encode.ts';
import type { Agent, AgentTotals } from '../../core/agent.ts';
import type { Run } from '../../core/run.ts';
import type { Engine } from '../../engine/deps.ts';
import { runAgent } from '../../engine/run-agent.ts';
import { createAgent, deleteAgent, readAgent, updateAgent } from '../../engine/save-agent.ts';
import { type AnswerOnce, jsonAnswer } from '../answer-once.ts';
import { agentIdOf, type Bind, userOf } from '../bind.ts';
import { etagOf, isKnown, wantedRevision } from '../etag.ts';
import type { HttpOptions } from '../options.ts';

/** What agents add up to, read at once for all of them. */
export const totalsOf = async (engine: Engine, agents: readonly Agent[]): Promise<(agent: Agent) => AgentTotals> => {
  const totals = await engine.stores.runs.agentTotals(agents.map(({ id }) => id));
  return (agent) => totals.get(agent.id) ?? NO_TOTALS;
};

/** Binds the operations on agents. */
export const bindAgents = (bind: Bind, { engine }: HttpOptions, answerOnce: AnswerOnce): void => {
  bind(operations.createAgent, (call) =>
    answerOnce(
      call,
      (once) => createAgent(engine, userOf(call.c), decodeAgent(call.body), once),
      (agent: Agent) =>
        jsonAnswer(201, encodeAgent(agent, NO_TOTALS), {
          location: `/agents/${agent.id}`,
          etag: etagOf(engine, agent, NO_TOTALS),
        }),
    ),
  );

  bind(operations.listAgents, async ({ c, query }) => {
    const page = { limit: query.limit, cursor: query.page ?? null };
    const { items, next } = await engine.stores.agents.list(userOf(c), page);
    const totals = await totalsOf(engine, items);
    return c.json({ data: items.map((agent) => encodeAgent(agent, totals(agent))), nextPage: next });
  });

  bind(operations.readAgent, async ({ c }) => {
    const agent = await readAgent(engine, userOf(c), agentIdOf(c));
    const totals = (await totalsOf(engine, [agent]))(agent);
    const etag = etagOf(engine, agent, totals);
    if (isKnown(c.req.header('if-none-match'), etag)) return c.body(null, 304, { etag });
    return c.json(encodeAgent(agent, totals), 200, { etag });
  });

  bind(operations.updateAgent, async ({ c, body }) => {
    const known = await readAgent(engine, userOf(c), agentIdOf(c));
    const revision = wantedRevision(c.req.header('if-match'), known);
    const agent = await updateAgent(engine, userOf(c), known.id, revision, decodeAgentUpdate(body));
    const totals = (await totalsOf(engine, [agent]))(agent);
    return c.json(encodeAgent(agent, totals), 200, { etag: etagOf(engine, agent, totals) });
  });

  bind(operations.deleteAgent, async ({ c }) => {
    const known = await readAgent(engine, userOf(c), agentIdOf(c));
    await deleteAgent(engine, userOf(c), known.id, wantedRevision(c.req.header('if-match'), known));
    return c.body(null, 204);
  });

  bind(operations.runAgent, (call) => {
    const agentId = agentIdOf(call.c);
    const { input, limits } = decodeAgentRun(call.body);
    return answerOnce(
      call,
      (once) => runAgent(engine, { userId: userOf(call.c), agentId, input, limits, trigger: 'manual' }, once),
      (run: Run) => jsonAnswer(202, encodeAccepted(run), { location: `/runs/${run.id}` }),
    );
  });

  bind(operations.listAgentRuns, async ({ c, query }) => {
    const agent = await readAgent(engine, userOf(c), agentIdOf(c));
    const filter = {
      userId: userOf(c),
      agentId: agent.id,
      ...(query.status === undefined ? {} : { statuses: query.status }),
    };
    const { items, next } = await engine.stores.runs.list(filter, { limit: query.limit, cursor: query.page ?? null });
    return c.json({ data: items.map(encodeRun), nextPage: next });
  });
};
