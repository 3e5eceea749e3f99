import type { RunEvent } from '../core/events.ts';
import { note, recordUsage } from '../core/transitions.ts';
import type { Witness } from '../ports/gateway.ts';
import { decideRun } from './decide-run.ts';
import type { Engine } from './deps.ts';
import { stopRun } from './request-stop.ts';

const BATCH = 200;

/** Writes down what the gateway sees. Not fenced by leases: the gateway is the witness, whoever drives the run. */
export const createWitness = (engine: Engine): Witness => ({
  find: (id) => engine.stores.runs.get(id),
  metered: async (id, reading) => {
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
