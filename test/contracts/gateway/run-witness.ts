/** A witness that keeps its runs in memory and lets the rules of `core/transitions.ts` decide. */

import type { RunEvent } from '../../../src/core/events.ts';
import { isUuid, type RunId, type UserId, uuidv7 } from '../../../src/core/ids.ts';
import { DEFAULT_LIMITS } from '../../../src/core/limits.ts';
import type { MeterReading } from '../../../src/core/pricing.ts';
import type { Run } from '../../../src/core/run.ts';
import * as transitions from '../../../src/core/transitions.ts';
import type { Witness } from '../../../src/ports/gateway.ts';
import { task } from '../stores/fixtures.ts';

const NOW = 1_700_000_000_000;
let counter = 0;

export const newId = (): RunId => {
  counter += 1;
  const random = new Uint8Array(10);
  new DataView(random.buffer).setUint32(6, counter);
  return asRunId(uuidv7(NOW, random));
};

export const asRunId = (text: string): RunId => {
  const isRunId = (id: string): id is RunId => isUuid(id);
  if (isRunId(text)) return text;
  throw new Error(`${text} is no run id`);
};

const isUserId = (id: string): id is UserId => id !== '';

/** A run that a worker has just claimed. */
export const startingRun = (maxBudgetUsd: number | null = null, id: RunId = newId()): Run => {
  const userId = 'user';
  if (!isUserId(userId)) throw new Error('unreachable');
  const { run } = transitions.queue(
    {
      id,
      userId,
      agentId: null,
      agentRevision: null,
      conversationId: null,
      trigger: { kind: 'manual', firedFor: null },
      task: task({ limits: { ...DEFAULT_LIMITS, maxBudgetUsd } }),
      retryOf: null,
      executor: 'local',
      sessionId: '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
    },
    NOW,
  );
  return transitions.claim(run, 'test', 60_000, NOW).run;
};

/** A run that a worker has just started. */
export const runningRun = (maxBudgetUsd: number | null = null, id: RunId = newId()): Run => {
  const claimed = startingRun(maxBudgetUsd, id);
  return transitions.started(claimed, claimed.leaseToken, 'place', null, NOW).run;
};

export interface TestWitness extends Witness {
  add(run: Run): Run;
  get(id: RunId): Run;
  events(id: RunId): RunEvent[];
  readonly readings: MeterReading[];
  /** Ends a run as its worker would. */
  finish(id: RunId): void;
  /** Called before a reading is recorded; may delay it, or throw. */
  beforeMetered: () => Promise<void>;
}

export const createWitness = (): TestWitness => {
  const runs = new Map<RunId, { run: Run; events: RunEvent[] }>();
  const readings: MeterReading[] = [];
  const kept = (id: RunId) => {
    const found = runs.get(id);
    if (found === undefined) throw new Error(`no run ${id}`);
    return found;
  };
  const decide = (id: RunId, rule: (run: Run) => transitions.Decision): Run => {
    const entry = kept(id);
    const decision = rule(entry.run);
    entry.run = decision.run;
    entry.events.push(...decision.events);
    return decision.run;
  };
  const witness: TestWitness = {
    beforeMetered: async () => undefined,
    readings,
    add(run) {
      runs.set(run.id, { run, events: [] });
      return run;
    },
    get: (id) => kept(id).run,
    events: (id) => kept(id).events,
    finish: (id) => {
      const conclusion = {
        status: 'succeeded',
        result: { text: '', structured: null },
        stopReason: 'end_turn',
        limitsHit: [],
      } as const;
      decide(id, (run) => transitions.settle(run, run.leaseToken, conclusion, [], NOW));
    },
    find: async (id) => runs.get(id)?.run ?? null,
    async metered(id, reading) {
      await witness.beforeMetered();
      readings.push(reading);
      return decide(id, (run) => transitions.recordUsage(run, reading, NOW));
    },
    async stop(id, reason, detail) {
      decide(id, (run) => transitions.requestStop(run, reason, detail, NOW));
    },
    noted: async (id, type, limit) =>
      kept(id)
        .events.filter((event) => event.type === type)
        .slice(0, limit),
    async note(id, events) {
      decide(id, (run) => transitions.note(run, events, NOW));
    },
  };
  return witness;
};
