import { describe, expect, it } from 'vitest';
import { queue, requestStop, skip } from '../../../../src/core/transitions.ts';
import { ALICE, NOW, newAgentId, newIdempotencyRecord, newRun } from '../fixtures.ts';
import { eachTest, type OpenStores } from '../opened.ts';
import { endRun, insertRun, meterRun, recordRun, runningRun } from '../run-lives.ts';

export const describePurge = (open: OpenStores): void => {
  describe('purge', () => {
    const test = eachTest(open);

    it('deletes the runs that ended before, with their events, and tells which', async () => {
      const { runs } = test.stores;
      const gone = await endRun(runs, await runningRun(runs), NOW + 9);
      const kept = await endRun(runs, await runningRun(runs), NOW + 10);
      expect(await runs.purge(NOW + 10, 10)).toEqual([gone.id]);
      expect(await runs.get(gone.id)).toBeNull();
      expect(await runs.events(gone.id, 0, 10)).toEqual([]);
      expect(await runs.get(kept.id)).toEqual(kept);
      expect(await runs.events(kept.id, 0, 10)).toHaveLength(4);
      expect((await runs.list({ userId: ALICE }, { limit: 9, cursor: null })).items).toEqual([kept]);
      expect(await runs.purge(NOW + 10, 10)).toEqual([]);
    });

    it('deletes skipped and cancelled ones too, and none that is not over', async () => {
      const { runs } = test.stores;
      const skipped = skip(newRun(), 'dropped', NOW);
      await runs.insert(skipped, null);
      const cancelled = await insertRun(runs);
      await runs.update(cancelled.id, (run) => requestStop(run, 'cancelled', null, NOW));
      const open = [await insertRun(runs), await runningRun(runs)];
      expect(new Set(await runs.purge(NOW + 1, 10))).toEqual(new Set([skipped.run.id, cancelled.id]));
      for (const run of open) expect(await runs.get(run.id)).toEqual(run);
    });

    it('deletes no more than it may', async () => {
      const { runs } = test.stores;
      for (let count = 0; count < 5; count += 1) await endRun(runs, await runningRun(runs), NOW);
      expect(await runs.purge(NOW + 1, 2)).toHaveLength(2);
      expect(await runs.purge(NOW + 1, 2)).toHaveLength(2);
      expect(await runs.purge(NOW + 1, 2)).toHaveLength(1);
      expect(await runs.purge(NOW + 1, 2)).toEqual([]);
    });

    it('leaves usage sums, agent totals and idempotency records', async () => {
      const { runs, idempotency } = test.stores;
      const agentId = newAgentId();
      const run = await runningRun(runs, { agentId });
      await meterRun(runs, run, { inputTokens: 1_000_000 });
      await meterRun(runs, await runningRun(runs, { agentId: newAgentId() }), { model: 'mystery', inputTokens: 1 });
      await recordRun(runs, run, ['x']);
      await endRun(runs, run, NOW);
      const once = newIdempotencyRecord();
      await runs.insert(skip(newRun(), 'dropped', NOW), once);
      const look = async () => [
        await runs.usage({ userId: ALICE, from: NOW, to: NOW, groupBy: 'day' }),
        await runs.usage({ userId: ALICE, from: NOW, to: NOW, groupBy: 'agent' }),
        await runs.usage({ userId: ALICE, from: NOW, to: NOW, groupBy: 'model' }),
        (await runs.agentTotals([agentId])).get(agentId)?.tokenUsage,
        await idempotency.find(ALICE, once.key, NOW),
      ];
      const before = await look();
      expect(await runs.purge(NOW + 1, 10)).toHaveLength(2);
      expect(await look()).toEqual(before);
      expect((await runs.agentTotals([agentId])).get(agentId)?.lastRun).toBeNull();
    });

    it('lets the id be known no more, and stays so after a reopening', async () => {
      const first = queue(newRun(), NOW);
      await test.stores.runs.insert(first, null);
      await test.stores.runs.update(first.run.id, (run) => requestStop(run, 'cancelled', null, NOW));
      await test.stores.runs.purge(NOW + 1, 1);
      await test.stores.close();
      const { runs } = await test.reopen();
      expect(await runs.get(first.run.id)).toBeNull();
      expect(await runs.findClaimable(NOW, 10)).toEqual([]);
    });
  });
};
