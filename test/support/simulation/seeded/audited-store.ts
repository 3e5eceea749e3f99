/** A database in memory that shows every commit to the audit, and how one server reaches it. */
import { isDomainError } from '../../../../src/core/errors.ts';
import type { RunId } from '../../../../src/core/ids.ts';
import type { Run } from '../../../../src/core/run.ts';
import type { Decision } from '../../../../src/core/transitions.ts';
import type { RunStore } from '../../../../src/ports/run-store.ts';
import type { Stores } from '../../../../src/ports/stores.ts';
import { createModelRunStore } from '../../../contracts/stores/model.ts';
import type { Audit } from './audit.ts';
import type { Chance } from './chance.ts';
import { type FaultRates, type ServerProcess, storeFailure } from './server-process.ts';

export interface Database {
  /** What is in it, read past all faults. */
  readonly runs: RunStore;
  readonly newest: Map<RunId, Run>;
  readonly lastStored: Map<RunId, number>;
  seenBy(server: ServerProcess): Stores;
}

const unused = async (): Promise<never> => {
  throw new Error('This part of the store does not take part in the simulation.');
};

const recordsOutput = ({ state: before }: Run, { state: after }: Run): boolean =>
  before.status === 'running' && after.status === 'running' && before.execution.offset !== after.execution.offset;

export const createDatabase = (chance: Chance, rates: FaultRates, audit: () => Audit): Database => {
  const runs = createModelRunStore();
  const newest = new Map<RunId, Run>();
  const lastStored = new Map<RunId, number>();
  const keep = (run: Run, last: number | undefined): void => {
    newest.set(run.id, run);
    if (last !== undefined) lastStored.set(run.id, last);
  };
  const runsOf = (server: ServerProcess): RunStore => {
    const call = <Answer>(act: () => Promise<Answer>) =>
      server.call(rates, storeFailure, async () => {
        await server.connected();
        return act();
      });
    /** An update that failed is made once more without effect, to know whether it was one of output. */
    const reportFailed = (id: RunId, decide: (run: Run) => Decision, wasRecording: boolean): void => {
      const run = newest.get(id);
      if (run === undefined) return;
      try {
        if (wasRecording || recordsOutput(run, decide(run).run)) audit().recordingFailed(server.name, run);
      } catch {
        // The rules refuse it: its sender will be told so.
      }
    };
    return {
      insert: (first, once) =>
        call(async () => {
          const run = await runs.insert(first, once);
          audit().commit(server.name, null, first);
          keep(run, first.events.at(-1)?.seq);
          return run;
        }),
      get: (id) => call(() => runs.get(id)),
      update: async (id, decide) => {
        let isRecording = false;
        try {
          return await call(() =>
            runs.update(id, (before) => {
              // Some databases decide again after a conflict: a decision must not notice.
              if (chance.of(0.2)) decide(before);
              const decision = decide(before);
              isRecording = recordsOutput(before, decision.run);
              audit().commit(server.name, before, decision);
              keep(decision.run, decision.events.at(-1)?.seq);
              return decision;
            }),
          );
        } catch (error) {
          if (isDomainError(error, 'store_unavailable')) reportFailed(id, decide, isRecording);
          throw error;
        }
      },
      findClaimable: (now, limit, except) => call(() => runs.findClaimable(now, limit, except)),
      list: (filter, page) => call(() => runs.list(filter, page)),
      events: (id, after, limit, maxChars) => call(() => runs.events(id, after, limit, maxChars)),
      usage: (query) => call(() => runs.usage(query)),
      agentTotals: (ids) => call(() => runs.agentTotals(ids)),
      purge: (before, limit) => call(() => runs.purge(before, limit)),
    };
  };
  return {
    runs,
    newest,
    lastStored,
    seenBy: (server) => ({
      runs: runsOf(server),
      agents: {
        insert: unused,
        get: unused,
        update: unused,
        delete: unused,
        list: unused,
        revisions: unused,
        findDue: unused,
      },
      conversations: {
        insert: unused,
        get: unused,
        update: unused,
        messages: unused,
        list: unused,
        findUnsettled: unused,
        delete: unused,
      },
      keys: {
        insert: unused,
        findByHash: unused,
        list: unused,
        listAll: unused,
        revoke: unused,
        touch: unused,
      },
      idempotency: { find: unused, purge: unused },
      secret: unused,
      ping: unused,
      close: async () => undefined,
    }),
  };
};
