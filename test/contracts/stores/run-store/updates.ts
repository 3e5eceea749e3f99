import { describe, expect, it } from 'vitest';
import type { Run } from '../../../../src/core/run.ts';
import { claim, type Decision, record, recordUsage, unchanged } from '../../../../src/core/transitions.ts';
import type { RunStore } from '../../../../src/ports/run-store.ts';
import { BOB, NOW, newAgentId, newRunId, task } from '../fixtures.ts';
import { eachTest, type OpenStores } from '../opened.ts';
import { refusal, tally } from '../outcomes.ts';
import { claimRun, endRun, insertRun, LEASE_MS, reading, recording, recordRun, runningRun } from '../run-lives.ts';

/** A run as everybody can see it. */
const look = async (runs: RunStore, run: Run) => ({
  run: await runs.get(run.id),
  events: await runs.events(run.id, 0, 1_000),
  usage: await runs.usage({ userId: run.userId, from: NOW, to: NOW, groupBy: 'model' }),
});

const describeDecisions = (open: OpenStores): void => {
  describe('update', () => {
    const test = eachTest(open);

    it('commits the run and its events', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs);
      const after = await recordRun(runs, run, ['one', 'two'], NOW + 5);
      expect(await runs.get(run.id)).toEqual(after);
      expect(after.state).toMatchObject({ status: 'running', execution: { offset: { stdout: 3, stderr: 0 } } });
      const events = await runs.events(run.id, 0, 100);
      expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
      expect(events.slice(3)).toMatchObject([
        { at: NOW + 5, type: 'log', data: { text: 'one' } },
        { at: NOW + 5, type: 'log', data: { text: 'two' } },
      ]);
    });

    it('keeps each state as the decision made it', async () => {
      const { runs } = test.stores;
      const queued = await insertRun(runs);
      expect(await runs.get(queued.id)).toEqual(queued);
      const claimed = await claimRun(runs, queued);
      expect(await runs.get(queued.id)).toEqual(claimed);
      const running = await runningRun(runs);
      expect(await runs.get(running.id)).toEqual(running);
      const ended = await endRun(runs, running);
      expect(await runs.get(running.id)).toEqual(ended);
    });

    it('gives the decision the run as it is', async () => {
      const { runs } = test.stores;
      const run = await claimRun(runs, await insertRun(runs));
      await runs.update(run.id, (present) => {
        expect(present).toEqual(run);
        return unchanged(present);
      });
    });

    it('refuses a run that is not there, without a decision', async () => {
      const { runs } = test.stores;
      let decided = 0;
      const call = runs.update(newRunId(), (run) => {
        decided += 1;
        return unchanged(run);
      });
      expect(await refusal(call)).toBe('not_found');
      expect(decided).toBe(0);
    });

    it('writes nothing when the decision throws, and passes its error on', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs);
      const before = await look(runs, run);
      const fault = new Error('no');
      const call = runs.update(run.id, (present) => {
        record(present, present.leaseToken, recording(['lost'], 9), NOW);
        throw fault;
      });
      await expect(call).rejects.toBe(fault);
      expect(await look(runs, run)).toEqual(before);
      await recordRun(runs, run, ['goes on']);
    });

    it('writes nothing when the decision changes nothing', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs);
      const before = await look(runs, run);
      expect(await runs.update(run.id, unchanged)).toEqual(run);
      expect(await look(runs, run)).toEqual(before);
    });

    it('is durable when it resolves', async () => {
      const run = await runningRun(test.stores.runs);
      await recordRun(test.stores.runs, run, ['kept']);
      const before = await look(test.stores.runs, run);
      await test.stores.close();
      expect(await look((await test.reopen()).runs, run)).toEqual(before);
    });

    it('can change the task', async () => {
      const { runs } = test.stores;
      const run = await insertRun(runs);
      const other = task({ prompt: 'Say goodbye.' });
      await runs.update(run.id, (present) => ({ run: { ...present, task: other }, events: [] }));
      expect((await runs.get(run.id))?.task).toEqual(other);
    });

    it('refuses events with a gap, with a number again, or that the run does not count', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs);
      const before = await look(runs, run);
      const broken: ((good: Decision) => Decision)[] = [
        ({ run: next, events }) => ({ run: next, events: events.slice(1) }),
        ({ run: next, events }) => ({ run: next, events: events.map((event) => ({ ...event, seq: event.seq - 1 })) }),
        ({ run: next, events }) => ({ run: next, events: [...events, ...events] }),
        ({ run: next, events }) => ({ run: { ...next, lastSeq: next.lastSeq + 1 }, events }),
        ({ run: next }) => ({ run: next, events: [] }),
      ];
      for (const spoil of broken) {
        const call = runs.update(run.id, (present) =>
          spoil(record(present, present.leaseToken, recording(['a', 'b'], 9), NOW)),
        );
        expect(await refusal(call)).toBe('internal');
      }
      expect(await look(runs, run)).toEqual(before);
    });

    it('refuses a decision that would make another run of it', async () => {
      const { runs } = test.stores;
      const run = await insertRun(runs);
      const others: Partial<Run>[] = [{ id: newRunId() }, { userId: BOB }, { agentId: newAgentId() }, { createdAt: 1 }];
      for (const other of others) {
        const call = runs.update(run.id, (present) => ({ run: { ...present, ...other }, events: [] }));
        expect(await refusal(call)).toBe('internal');
      }
      expect(await runs.get(run.id)).toEqual(run);
    });
  });
};

const describeRaces = (open: OpenStores): void => {
  describe('updates at once', () => {
    const test = eachTest(open);

    it('loses and doubles nothing between two openings', async () => {
      const other = await test.reopen();
      const run = await runningRun(test.stores.runs);
      const metered = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? test.stores : other).runs.update(run.id, (present) =>
          recordUsage(present, reading({ inputTokens: 1 }), NOW),
        ),
      );
      expect(await tally(metered)).toEqual({ done: 20 });
      const { run: after, events, usage } = await look(other.runs, run);
      expect(after?.tokenUsage.inputTokens).toBe(20);
      expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
      expect(usage).toMatchObject([{ runs: 1, tokenUsage: { inputTokens: 20 } }]);
    });

    it('gives a run to one of ten workers', async () => {
      const other = await test.reopen();
      const run = await insertRun(test.stores.runs);
      const workers = Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? test.stores : other).runs.update(run.id, (present) =>
          claim(present, `worker-${index}`, LEASE_MS, NOW),
        ),
      );
      expect(await tally(workers)).toEqual({ done: 1, conflict: 9 });
      expect(await other.runs.get(run.id)).toMatchObject({ leaseToken: 1, attempt: 1, lastSeq: 2 });
    });

    it('gives a run whose lease is over to one of ten workers, though that makes no event', async () => {
      const other = await test.reopen();
      const run = await runningRun(test.stores.runs);
      const later = NOW + LEASE_MS;
      const workers = Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? test.stores : other).runs.update(run.id, (present) =>
          claim(present, `worker-${index}`, LEASE_MS, later),
        ),
      );
      expect(await tally(workers)).toEqual({ done: 1, conflict: 9 });
      expect(await other.runs.get(run.id)).toMatchObject({ leaseToken: 2, lastSeq: 3 });
    });
  });
};

const describeEvents = (open: OpenStores): void => {
  describe('events', () => {
    const test = eachTest(open);

    it('are read in order, from after a number on, up to a limit', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs);
      for (let batch = 0; batch < 4; batch += 1) await recordRun(runs, run, ['a', 'b', 'c']);
      const seqs = async (after: number, limit: number) =>
        (await runs.events(run.id, after, limit)).map((event) => event.seq);
      expect(await seqs(0, 4)).toEqual([1, 2, 3, 4]);
      expect(await seqs(5, 3)).toEqual([6, 7, 8]);
      expect(await seqs(4, 100)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
      expect(await seqs(15, 100)).toEqual([]);
      expect(await seqs(99, 100)).toEqual([]);
    });

    it('are no more than it takes for so many characters of data, and at least one', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs);
      const after = run.lastSeq;
      // Two commits, since a store may keep the events of one together.
      await recordRun(runs, run, ['a'.repeat(1_000), 'b'.repeat(500), 'c']);
      await recordRun(runs, run, ['d', 'e'.repeat(1_000)]);
      const all = await runs.events(run.id, after, 100);
      const sizes = all.map(({ data }) => JSON.stringify(data).length);
      for (const from of all.keys()) {
        for (let count = 1; from + count <= all.length; count += 1) {
          const chars = sizes.slice(from, from + count).reduce((sum, size) => sum + size, 0);
          const ask = async (maxChars: number, limit = 100) =>
            (await runs.events(run.id, after + from, limit, maxChars)).map(({ seq }) => seq);
          const seqs = all.slice(from, from + count + 1).map(({ seq }) => seq);
          expect(await ask(chars)).toEqual(seqs.slice(0, count));
          expect(await ask(chars + 1)).toEqual(seqs);
          expect(await ask(chars + 1, 1)).toEqual(seqs.slice(0, 1));
        }
      }
      expect(await runs.events(run.id, after, 100, 1)).toEqual(all.slice(0, 1));
      expect(await runs.events(run.id, after + all.length, 100, 1)).toEqual([]);
    });

    it('are those of the one run', async () => {
      const { runs } = test.stores;
      const one = await runningRun(runs);
      const two = await runningRun(runs);
      await recordRun(runs, two, ['of two']);
      expect(await runs.events(one.id, 3, 10)).toEqual([]);
      expect(await runs.events(two.id, 3, 10)).toMatchObject([{ seq: 4, data: { text: 'of two' } }]);
    });

    it('keep a text of a mebibyte, and a thousand in one commit', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs);
      const large = 'ü'.repeat(512 * 1024);
      await recordRun(runs, run, [large]);
      expect(await runs.events(run.id, 3, 1)).toMatchObject([{ data: { text: large } }]);
      await recordRun(
        runs,
        run,
        Array.from({ length: 1_000 }, (_, index) => `line ${index}`),
      );
      const events = await runs.events(run.id, 4, 2_000);
      expect(events).toHaveLength(1_000);
      expect(events.at(-1)).toMatchObject({ seq: 1_004, data: { text: 'line 999' } });
    });
  });
};

export const describeUpdates = (open: OpenStores): void => {
  describeDecisions(open);
  describeRaces(open);
  describeEvents(open);
};
