/** A run's way to the hosts that its agent allows, and what its reader hears of hosts that were refused. */
import { join } from 'node:path';
import type { EventDraft } from '../core/events.ts';
import type { Run } from '../core/run.ts';
import type { Egress, EgressRefusal, EgressWay } from '../ports/egress.ts';
import { PLACE } from '../ports/executor.ts';
import type { Witness } from '../ports/gateway.ts';
import type { Logger } from '../ports/logger.ts';
import { refusalKey } from './egress/refusals.ts';

export interface RunEgressParts {
  readonly egress: Egress;
  readonly witness: Witness;
  readonly logger: Logger;
}

/** So many refusals of a run are events; what comes after them is said once. */
const MOST_REFUSALS = 100;
const CUT = 'refused hosts after the first 100';

/** Null for a run that may reach no host. `directory` is the run's directory with its sockets. */
export const openRunEgress = async (parts: RunEgressParts, run: Run, directory: string): Promise<EgressWay | null> => {
  if (run.task.network.allow.length === 0) return null;
  return parts.egress.open({
    socketPath: join(directory, PLACE.egressSocket),
    hosts: run.task.network.allow,
    refused: createRefusalNotes(parts, run),
  });
};

const createRefusalNotes = ({ witness, logger }: RunEgressParts, run: Run): ((refusal: EgressRefusal) => void) => {
  let known: Set<string> | null = null;
  let cut = false;
  let last: Promise<void> = Promise.resolve();

  /** What an earlier process noted of this run counts, too. */
  const recall = async (): Promise<Set<string>> => {
    const noted = await witness.noted(run.id, 'egress.refused', MOST_REFUSALS);
    const keys = noted.flatMap((event) => (event.type === 'egress.refused' ? [refusalKey(event.data)] : []));
    if (keys.length >= MOST_REFUSALS) {
      const cuts = await witness.noted(run.id, 'truncated', Number.MAX_SAFE_INTEGER);
      cut = cuts.some((event) => event.type === 'truncated' && event.data.what === CUT);
    }
    return new Set(keys);
  };

  const note = async (refusal: EgressRefusal): Promise<void> => {
    if (cut) return;
    known ??= await recall();
    const key = refusalKey(refusal);
    if (cut || known.has(key)) return;
    const full = known.size >= MOST_REFUSALS;
    await witness.note(run.id, [full ? cutEvent(refusal) : { type: 'egress.refused', data: { ...refusal } }]);
    if (full) cut = true;
    else known.add(key);
  };

  return (refusal) => {
    // One after the other: their order is that in which the run asked.
    last = last
      .then(() => note(refusal))
      .catch((error: unknown) => logger.error({ err: error, runId: run.id }, 'a refused host could not be recorded'));
  };
};

const cutEvent = (refusal: EgressRefusal): EventDraft => ({
  type: 'truncated',
  data: { what: CUT, bytes: Buffer.byteLength(JSON.stringify(refusal)), keptBytes: 0 },
});
