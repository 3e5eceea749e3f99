/** Agents and their revisions. */
import type { Agent } from '../../core/agent.ts';
import { requireSameAgent } from '../../core/commit-guards.ts';
import { DomainError } from '../../core/errors.ts';
import type { AgentId } from '../../core/ids.ts';
import { readPage, TOP } from '../../core/page.ts';
import type { AgentStore } from '../../ports/agent-store.ts';
import { agentId, decodeAgent, encodeAgent } from './codec.ts';
import type { Connection } from './connection.ts';
import { remember } from './idempotency.ts';
import { write } from './transaction.ts';

const dueAt = (agent: Agent): number | null => (agent.status === 'active' ? agent.nextFireAt : null);

export const createAgentStore = (connection: Connection): AgentStore => {
  const find = (id: AgentId): Agent | null => {
    const row = connection.get('SELECT doc FROM agents WHERE id = ?', id);
    return row === null ? null : decodeAgent(row);
  };
  const need = (id: AgentId): Agent => {
    const agent = find(id);
    if (agent === null) throw new DomainError('not_found', `There is no agent ${id}.`);
    return agent;
  };

  return {
    insert: async (agent, once) =>
      write(connection, () => {
        if (find(agent.id) !== null) throw new DomainError('conflict', `Agent ${agent.id} exists already.`);
        remember(connection, once, agent.createdAt);
        connection.run(
          'INSERT INTO agents (id, user_id, created_at, revision, due_at, doc) VALUES (?, ?, ?, ?, ?, ?)',
          agent.id,
          agent.userId,
          agent.createdAt,
          agent.revision,
          dueAt(agent),
          encodeAgent(agent),
        );
        return agent;
      }),
    get: async (id) => find(id),
    update: async (id, decide) =>
      write(connection, () => {
        const before = need(id);
        const after = decide(before);
        if (after === before) return before;
        requireSameAgent(before, after);
        if (after.revision > before.revision) {
          connection.run(
            'INSERT INTO agent_revisions (agent_id, revision, doc) VALUES (?, ?, ?)',
            id,
            before.revision,
            encodeAgent(before),
          );
        }
        connection.run(
          'UPDATE agents SET revision = ?, due_at = ?, doc = ? WHERE id = ?',
          after.revision,
          dueAt(after),
          encodeAgent(after),
          id,
        );
        return after;
      }),
    delete: async (id, decide) =>
      write(connection, () => {
        decide(need(id));
        connection.run('DELETE FROM agents WHERE id = ?', id);
      }),
    list: async (userId, page) =>
      readPage(
        'agents',
        page,
        (key, limit) => {
          const after = key ?? TOP;
          return connection
            .all(
              `SELECT doc FROM agents WHERE user_id = ? AND (created_at, id) < (?, ?)
               ORDER BY created_at DESC, id DESC LIMIT ?`,
              userId,
              after.at,
              after.id,
              limit,
            )
            .map(decodeAgent);
        },
        (agent) => ({ at: agent.createdAt, id: agent.id }),
      ),
    revisions: async (id, page) =>
      readPage(
        'revisions',
        page,
        (key, limit) => {
          const after = key ?? TOP;
          return connection
            .all(
              `SELECT revision, doc FROM agents WHERE id = ?1 AND revision < ?2
               UNION ALL SELECT revision, doc FROM agent_revisions WHERE agent_id = ?1 AND revision < ?2
               ORDER BY revision DESC LIMIT ?3`,
              id,
              after.at,
              limit,
            )
            .map(decodeAgent);
        },
        (agent) => ({ at: agent.revision, id: '' }),
      ),
    findDue: async (now, limit) =>
      connection
        .all('SELECT id FROM agents WHERE due_at <= ? ORDER BY due_at, id LIMIT ?', now, limit)
        .map((row) => agentId(row, 'id')),
  };
};
