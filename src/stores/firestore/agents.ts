/** Agents and their revisions. */
import type { Agent } from '../../core/agent.ts';
import { requireSameAgent } from '../../core/commit-guards.ts';
import { DomainError } from '../../core/errors.ts';
import type { AgentId } from '../../core/ids.ts';
import { readPage, type SortKey } from '../../core/page.ts';
import type { AgentStore } from '../../ports/agent-store.ts';
import type { IdempotencyRecord } from '../../ports/idempotency-store.ts';
import { agentId, decodeAgent } from './codec.ts';
import type { Connection, Stored } from './connection.ts';
import { layOut, readText, writePieces } from './documents/long-text.ts';
import { removeTree } from './documents/remove-tree.ts';
import { remember, requireUntaken } from './idempotency.ts';
import { createTurns, write, writeNew } from './transaction.ts';

const DIGITS = 10;
const pathOf = (id: AgentId): string => `agents/${id}`;
const revisionPath = ({ id, revision }: Agent): string =>
  `${pathOf(id)}/revisions/${String(revision).padStart(DIGITS, '0')}`;
const dueAt = (agent: Agent): number | null => (agent.status === 'active' ? agent.nextFireAt : null);

/** Pieces of an agent stay until it is deleted: an earlier revision may name the same ones. */
const layOutAgent = (agent: Agent) => layOut(pathOf(agent.id), JSON.stringify(agent));

const insert = async (
  connection: Connection,
  agent: Agent,
  once: IdempotencyRecord | null,
  again: boolean,
): Promise<Agent> => {
  const path = pathOf(agent.id);
  const taken = new DomainError('conflict', `Agent ${agent.id} exists already.`);
  if (again && (await connection.get(path)) !== null) throw taken;
  const replaced = again ? await requireUntaken(connection, once, agent.createdAt) : null;
  const doc = layOutAgent(agent);
  const record = remember(once, replaced);
  await writePieces(connection, [...doc.pieces, ...record.pieces]);
  const { userId, createdAt, revision } = agent;
  const fields = { userId, createdAt, revision, dueAt: dueAt(agent), doc: doc.field };
  await connection.commit([{ kind: 'create', path, fields }, ...record.changes]);
  return agent;
};

export const createAgentStore = (connection: Connection): AgentStore => {
  const inTurn = createTurns();
  const agentOf = async (id: AgentId, { fields }: Stored): Promise<Agent> =>
    decodeAgent(await readText(connection, pathOf(id), fields, 'doc'));
  const find = async (id: AgentId): Promise<Agent | null> => {
    const stored = await connection.get(pathOf(id));
    return stored === null ? null : agentOf(id, stored);
  };
  const need = async (id: AgentId): Promise<{ stored: Stored; agent: Agent }> => {
    const stored = await connection.get(pathOf(id));
    if (stored === null) throw new DomainError('not_found', `There is no agent ${id}.`);
    return { stored, agent: await agentOf(id, stored) };
  };
  const update = async (id: AgentId, decide: (agent: Agent) => Agent): Promise<Agent> => {
    const { stored, agent: before } = await need(id);
    const after = decide(before);
    if (after === before) return before;
    requireSameAgent(before, after);
    const doc = layOutAgent(after);
    await writePieces(connection, doc.pieces);
    const fields = { revision: after.revision, dueAt: dueAt(after), doc: doc.field };
    const earlier = { revision: before.revision, doc: stored.fields.doc };
    await connection.commit([
      { kind: 'update', path: stored.path, fields, version: stored.version },
      ...(after.revision > before.revision
        ? [{ kind: 'create', path: revisionPath(before), fields: earlier } as const]
        : []),
    ]);
    return after;
  };
  const earlierRevisions = async (id: AgentId, below: number, limit: number): Promise<Agent[]> => {
    const found = await connection.find({
      collection: `${pathOf(id)}/revisions`,
      where: [['revision', '<', below]],
      orderBy: [['revision', 'desc']],
      limit,
    });
    return Promise.all(found.map((stored) => agentOf(id, stored)));
  };

  return {
    insert: (agent, once) => writeNew(connection, (again) => insert(connection, agent, once, again)),
    get: find,
    update: (id, decide) => inTurn(id, () => write(connection, () => update(id, decide))),
    delete: (id, decide) =>
      inTurn(id, () =>
        write(connection, async () => {
          const { stored, agent } = await need(id);
          decide(agent);
          await removeTree(connection, stored, ['revisions', 'pieces']);
        }),
      ),
    list: (userId, page) =>
      readPage(
        'agents',
        page,
        async (after: SortKey | null, limit: number) => {
          const found = await connection.find({
            collection: 'agents',
            where: [['userId', '==', userId]],
            orderBy: [['createdAt', 'desc']],
            ...(after === null ? {} : { after: [after.at, after.id] }),
            limit,
          });
          return Promise.all(found.map((stored) => agentOf(agentId(stored), stored)));
        },
        (agent) => ({ at: agent.createdAt, id: agent.id }),
      ),
    revisions: (id, page) =>
      readPage(
        'revisions',
        page,
        async (after: SortKey | null, limit: number) => {
          // The present one is read first: if it becomes an earlier one meanwhile, it is there twice, and not missing.
          const present = await find(id);
          if (present === null) return [];
          const below = after?.at ?? Number.MAX_SAFE_INTEGER;
          const earlier = await earlierRevisions(id, Math.min(below, present.revision), limit);
          return present.revision < below ? [present, ...earlier].slice(0, limit) : earlier;
        },
        (agent) => ({ at: agent.revision, id: '' }),
      ),
    findDue: async (now, limit) => {
      const due = await connection.find({
        collection: 'agents',
        where: [['dueAt', '<=', now]],
        orderBy: [['dueAt', 'asc']],
        limit,
        fields: [],
      });
      return due.map(agentId);
    },
  };
};
