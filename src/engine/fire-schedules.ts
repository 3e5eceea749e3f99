/**
 * Fires what is due. Each firing is committed under a key of its own, so that no crash and no second server fires it
 * twice; firings that nobody was there for are said, not swallowed.
 */
import type { Agent } from '../core/agent.ts';
import { isDomainError } from '../core/errors.ts';
import type { AgentId, Instant } from '../core/ids.ts';
import { queue, skip } from '../core/transitions.ts';
import type { IdempotencyRecord } from '../ports/idempotency-store.ts';
import type { Engine } from './deps.ts';
import { newRun } from './submit-run.ts';

const BATCH = 100;
/** Firings of one agent that are counted when they were missed; beyond that, "at least". */
const MAX_MISSED = 1_000;
const KEY_TTL_MS = 30 * 24 * 3_600_000;

/** Fires every agent that is due; returns how many runs it made, the skipped ones included. */
export const fireSchedules = async (engine: Engine): Promise<number> => {
  let made = 0;
  for (const id of await engine.stores.agents.findDue(engine.clock.now(), BATCH)) {
    const agent = await engine.stores.agents.get(id);
    if (agent === null || agent.nextFireAt === null || agent.schedule === null) continue;
    made += await fire(engine, agent, agent.schedule, agent.nextFireAt);
  }
  return made;
};

const fire = async (
  engine: Engine,
  agent: Agent,
  schedule: NonNullable<Agent['schedule']>,
  firstDue: Instant,
): Promise<number> => {
  const now = engine.clock.now();
  // A server that died after it fired and before it moved on: this firing was not missed.
  const due: Instant[] = (await wasFired(engine, agent, firstDue)) ? [] : [firstDue];
  let next = engine.nextFiring(schedule, firstDue);
  while (next !== null && next <= now && due.length < MAX_MISSED) {
    due.push(next);
    next = engine.nextFiring(schedule, next);
  }
  const [earliest] = due;
  if (earliest === undefined) {
    await moveOn(engine, agent.id, firstDue, next);
    return 0;
  }
  // Too many to count one by one: the run is for this moment, and all before it were missed.
  const uncounted = next !== null && next <= now;
  const last = uncounted ? now : (due.at(-1) ?? earliest);
  let made = 0;
  if (due.length > 1) {
    const span = `${toIso(earliest)} to ${toIso(uncounted ? now : (due.at(-2) ?? earliest))}`;
    const count = uncounted ? `At least ${due.length}` : `${due.length - 1}`;
    made += await commit(engine, agent, earliest, `missed-${earliest}`, {
      skipBecause: `${count} firings were missed because no server was running: ${span}`,
    });
  }
  const busy = schedule.overlap === 'skip' && (await isBusy(engine, agent));
  made += await commit(engine, agent, last, `fire-${last}`, {
    skipBecause: busy ? 'An earlier run of the agent was still going on, and its schedule says overlap "skip".' : null,
  });
  const after = engine.nextFiring(schedule, now);
  await moveOn(engine, agent.id, firstDue, after);
  return made;
};

const keyOf = (agent: Agent, name: string): string => `schedule:${agent.id}:${name}`;

const wasFired = async (engine: Engine, agent: Agent, at: Instant): Promise<boolean> =>
  (await engine.stores.idempotency.find(agent.userId, keyOf(agent, `fire-${at}`), engine.clock.now())) !== null;

const toIso = (at: Instant): string => new Date(at).toISOString();

const isBusy = async (engine: Engine, agent: Agent): Promise<boolean> => {
  const live = await engine.stores.runs.list(
    { userId: agent.userId, agentId: agent.id, statuses: ['queued', 'starting', 'running'] },
    { limit: 1, cursor: null },
  );
  return live.items.length > 0;
};

const commit = async (
  engine: Engine,
  agent: Agent,
  firedFor: Instant,
  name: string,
  { skipBecause }: { readonly skipBecause: string | null },
): Promise<number> => {
  const input = newRun(engine, {
    userId: agent.userId,
    task: agent.task,
    agent: { id: agent.id, revision: agent.revision },
    trigger: { kind: 'schedule', firedFor },
  });
  const now = engine.clock.now();
  const first = skipBecause === null ? queue(input, now) : skip(input, skipBecause, now);
  const once: IdempotencyRecord = {
    userId: agent.userId,
    key: keyOf(agent, name),
    fingerprint: 'schedule',
    answer: { status: 202, headers: {}, body: '' },
    expiresAt: now + KEY_TTL_MS,
  };
  try {
    await engine.stores.runs.insert(first, once);
  } catch (error) {
    if (isDomainError(error, 'idempotency_in_flight')) return 0;
    throw error;
  }
  if (skipBecause === null) engine.notifier.queued();
  return 1;
};

/** Sets the next firing, unless the agent's schedule was changed meanwhile. */
const moveOn = async (engine: Engine, id: AgentId, fired: Instant, next: Instant | null): Promise<void> => {
  try {
    await engine.stores.agents.update(id, (agent) =>
      agent.nextFireAt === fired ? { ...agent, nextFireAt: next } : agent,
    );
  } catch (error) {
    if (!isDomainError(error, 'not_found')) throw error;
  }
};
