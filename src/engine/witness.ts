import type { RunEvent } from '../core/events.ts';
import type { RunId } from '../core/ids.ts';
import type { MeterReading } from '../core/pricing.ts';
import type { Run } from '../core/run.ts';
import { note, recordUsage } from '../core/transitions.ts';
import type { Witness } from '../ports/gateway.ts';
import { decideRun } from './decide-run.ts';
import type { Engine } from './deps.ts';
import type { HeldReadings } from './held-readings.ts';
import { stopRun } from './request-stop.ts';

const BATCH = 200;

/**
 * Writes down what the gateway sees. Not fenced by leases: the gateway is the witness, whoever drives the run.
 * @param held where readings of runs without a budget wait for the next commit; null where each is written at once
 */
export const createWitness = (engine: Engine, held: HeldReadings | null): Witness => ({
  find: (id) => engine.stores.runs.get(id),
  metered: async (id, reading) => {
    const waiting = held === null ? null : await hold(engine, held, id, reading);
    if (waiting !== null) return waiting;
    const run = await decideRun(engine, id, (current) => recordUsage(current, reading, engine.clock.now()));
    if (run.stop !== null) engine.notifier.stopping(id);
    return run;
  },
  stop: async (id, reason, detail) => {
    await stopRun(engine, id, reason, detail);
  },
  noted: async (id, type, limit) => {
    const found: RunEvent[] = [];
    for (let after = 0; ; ) {
      const events = await engine.stores.runs.events(id, after, BATCH);
      found.push(...events.filter((event) => event.type === type));
      after = events.at(-1)?.seq ?? after;
      if (events.length < BATCH || found.length >= limit) return found.slice(0, limit);
    }
  },
  note: async (id, events) => {
    await decideRun(engine, id, (current) => note(current, events, engine.clock.now()));
  },
});

/** Holds a reading where it may wait; null where it may not. */
const hold = async (engine: Engine, held: HeldReadings, id: RunId, reading: MeterReading): Promise<Run | null> => {
  const run = await engine.stores.runs.get(id);
  // A budget is kept by what is written down: whoever takes the run over goes on from there.
  if (run === null || run.state.status !== 'running' || run.task.limits.maxBudgetUsd !== null) return null;
  return held.add(id, reading) ? run : null;
};
