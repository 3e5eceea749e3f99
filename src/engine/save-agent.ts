/** Agents: made, read, changed, deleted. */
import type { Agent, AgentStatus, Schedule, Task } from '../core/agent.ts';
import { DomainError } from '../core/errors.ts';
import type { AgentId, Instant, UserId } from '../core/ids.ts';
import type { Engine } from './deps.ts';
import { newId } from './new-id.ts';
import type { Once } from './submit-run.ts';

/** What a user decides of an agent. */
export interface AgentDraft {
  readonly name: string;
  readonly task: Task;
  readonly schedule: Schedule | null;
  readonly status: AgentStatus;
}

const firing = (engine: Engine, draft: AgentDraft, now: Instant): Instant | null => {
  if (draft.schedule === null) return null;
  // Computed for a paused agent, too, so that a schedule that can't be read is refused when it is saved.
  const next = engine.nextFiring(draft.schedule, now);
  if (next === null) {
    const message = `"${draft.schedule.cron}" never comes: no such day is in any calendar.`;
    throw new DomainError('invalid_request', message, { faults: [{ pointer: '/schedule/cron', message }] });
  }
  return draft.status === 'active' ? next : null;
};

/** Saves a new agent. `invalid_request` for a schedule that cannot be read. */
export const createAgent = async (
  engine: Engine,
  userId: UserId,
  draft: AgentDraft,
  once?: Once<Agent>,
  /** Made beforehand, where saving twice must make one agent. */
  id: AgentId = newId<AgentId>(engine),
): Promise<Agent> => {
  const now = engine.clock.now();
  const agent: Agent = {
    id,
    userId,
    name: draft.name,
    task: draft.task,
    schedule: draft.schedule,
    status: draft.status,
    revision: 1,
    nextFireAt: firing(engine, draft, now),
    createdAt: now,
    updatedAt: now,
  };
  return engine.stores.agents.insert(agent, once?.(agent) ?? null);
};

/** A user's agent. `not_found` also for another user's. */
export const readAgent = async (engine: Engine, userId: UserId, id: AgentId): Promise<Agent> => {
  const agent = await engine.stores.agents.get(id);
  if (agent === null || agent.userId !== userId) throw new DomainError('not_found', `There is no agent ${id}.`);
  return agent;
};

const requireRevision = (agent: Agent, userId: UserId, ifMatch: number | null): void => {
  if (agent.userId !== userId) throw new DomainError('not_found', `There is no agent ${agent.id}.`);
  if (ifMatch === null || ifMatch === agent.revision) return;
  throw new DomainError('stale_revision', `Agent ${agent.id} is at revision ${agent.revision}, not ${ifMatch}.`, {
    hint: 'Read the agent again, and apply the change to what it is now.',
  });
};

/** Changes an agent and counts its revision up. `stale_revision` when `ifMatch` names another one than the present. */
export const updateAgent = async (
  engine: Engine,
  userId: UserId,
  id: AgentId,
  ifMatch: number | null,
  change: (agent: Agent) => AgentDraft,
): Promise<Agent> =>
  engine.stores.agents.update(id, (agent) => {
    requireRevision(agent, userId, ifMatch);
    const draft = change(agent);
    const now = engine.clock.now();
    return {
      ...agent,
      name: draft.name,
      task: draft.task,
      schedule: draft.schedule,
      status: draft.status,
      revision: agent.revision + 1,
      nextFireAt: firing(engine, draft, now),
      updatedAt: now,
    };
  });

/** Deletes an agent; its runs stay. */
export const deleteAgent = async (engine: Engine, userId: UserId, id: AgentId, ifMatch: number | null): Promise<void> =>
  engine.stores.agents.delete(id, (agent) => requireRevision(agent, userId, ifMatch));
