import { note, recordUsage } from '../core/transitions.ts';
import type { Witness } from '../ports/gateway.ts';
import { decideRun } from './decide-run.ts';
import type { Engine } from './deps.ts';
import { stopRun } from './request-stop.ts';

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
  note: async (id, events) => {
    await decideRun(engine, id, (current) => note(current, events, engine.clock.now()));
  },
});
