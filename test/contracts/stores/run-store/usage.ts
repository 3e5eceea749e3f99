import { describe, expect, it } from 'vitest';
import type { UsageGroup } from '../../../../src/ports/run-store.ts';
import { ALICE, BOB, DAY, HOUR, NOW, newAgentId, task } from '../fixtures.ts';
import { eachTest, type OpenStores } from '../opened.ts';
import { answerRun, endRun, insertRun, meterRun, runningRun } from '../run-lives.ts';

const MILLION = 1_000_000;
const tokens = (inputTokens: number, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0) => ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
});

const describeSums = (open: OpenStores): void => {
  describe('usage', () => {
    const test = eachTest(open);
    const sums = (groupBy: UsageGroup, userId = ALICE, from = NOW - 9 * DAY, to = NOW + 9 * DAY) =>
      test.stores.runs.usage({ userId, from, to, groupBy });

    it('is nothing without runs', async () => {
      expect(await sums('day')).toEqual([]);
    });

    it('counts each run once, by the day of its creation, whatever happens to it later', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs, {}, NOW);
      await meterRun(runs, run, { inputTokens: MILLION, outputTokens: MILLION }, NOW + DAY);
      await meterRun(runs, run, { cacheReadTokens: MILLION, cacheWrite5mTokens: 1, cacheWrite1hTokens: 2 }, NOW + DAY);
      await endRun(runs, run, NOW + 2 * DAY);
      await insertRun(runs, {}, NOW + DAY);
      const [first, second, ...rest] = await sums('day');
      expect(rest).toEqual([]);
      expect(first).toMatchObject({ group: '2026-03-10', runs: 1, tokenUsage: tokens(MILLION, MILLION, MILLION, 3) });
      expect(first?.costUsd).toBeCloseTo(6.1, 4);
      expect(second).toEqual({ group: '2026-03-11', runs: 1, tokenUsage: tokens(0), costUsd: 0 });
    });

    it('takes in the whole UTC days of both ends', async () => {
      const { runs } = test.stores;
      const midnight = NOW - 12 * HOUR;
      for (const at of [midnight - 1, midnight, midnight + DAY - 1, midnight + DAY]) await insertRun(runs, {}, at);
      expect(await sums('day', ALICE, NOW, NOW)).toMatchObject([{ group: '2026-03-10', runs: 2 }]);
      expect(await sums('day', ALICE, midnight + DAY - 1, midnight)).toMatchObject([{ runs: 2 }]);
      expect(await sums('day', ALICE, midnight - 1, NOW)).toMatchObject([{ runs: 1 }, { runs: 2 }]);
      expect(await sums('day', ALICE, NOW + DAY, NOW)).toEqual([]);
    });

    it('sums by agent, with "" for runs without one', async () => {
      const { runs } = test.stores;
      const agentId = newAgentId();
      for (const own of [agentId, agentId, null]) {
        await meterRun(runs, await runningRun(runs, { agentId: own }), { inputTokens: 5 });
      }
      expect(await sums('agent')).toMatchObject([
        { group: '', runs: 1, tokenUsage: tokens(5) },
        { group: agentId, runs: 2, tokenUsage: tokens(10) },
      ]);
    });

    it('sums by the model that answered last, and moves a run whose model changes', async () => {
      const { runs } = test.stores;
      const wished = { task: task({ model: 'claude-opus-4-5' }) };
      const run = await runningRun(runs, wished);
      await insertRun(runs, wished);
      await insertRun(runs);
      expect(await sums('model')).toMatchObject([
        { group: '', runs: 1 },
        { group: 'claude-opus-4-5', runs: 2 },
      ]);
      await meterRun(runs, run, { model: 'claude-haiku-4-5', inputTokens: MILLION });
      await answerRun(runs, run, 'claude-haiku-4-5');
      await meterRun(runs, run, { model: 'claude-sonnet-4-5', inputTokens: MILLION });
      await answerRun(runs, run, 'claude-sonnet-4-5');
      expect(await sums('model')).toEqual([
        { group: '', runs: 1, tokenUsage: tokens(0), costUsd: 0 },
        { group: 'claude-opus-4-5', runs: 1, tokenUsage: tokens(0), costUsd: 0 },
        { group: 'claude-sonnet-4-5', runs: 1, tokenUsage: tokens(2 * MILLION), costUsd: 4 },
      ]);
    });

    it('is unknown where a part is unknown, and only there', async () => {
      const { runs } = test.stores;
      const known = await runningRun(runs, {}, NOW);
      await meterRun(runs, known, { inputTokens: MILLION });
      const unknown = await runningRun(runs, {}, NOW + DAY);
      await meterRun(runs, unknown, { model: 'mystery', inputTokens: 7 });
      await meterRun(runs, await runningRun(runs, {}, NOW + DAY), { inputTokens: MILLION });
      expect((await sums('day')).map((sum) => sum.costUsd)).toEqual([1, null]);
      expect((await sums('agent')).map((sum) => sum.costUsd)).toEqual([null]);
      expect((await sums('model')).map((sum) => [sum.group, sum.costUsd])).toEqual([
        ['claude-haiku-4-5', 2],
        ['mystery', null],
      ]);
    });

    it('adds small costs without drifting', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs);
      for (let count = 0; count < 100; count += 1) await meterRun(runs, run, { inputTokens: 100_000 });
      expect((await sums('day'))[0]?.costUsd).toBe(10);
    });

    it('is of one agent alone when that is asked for', async () => {
      const { runs } = test.stores;
      const agentId = newAgentId();
      await meterRun(runs, await runningRun(runs, { agentId }), { inputTokens: 3 });
      await meterRun(runs, await runningRun(runs), { inputTokens: 5 });
      const query = { userId: ALICE, from: NOW, to: NOW, groupBy: 'day', agentId } as const;
      expect(await runs.usage(query)).toMatchObject([{ runs: 1, tokenUsage: tokens(3) }]);
      expect(await runs.usage({ ...query, agentId: newAgentId() })).toEqual([]);
    });

    it('is of the one user', async () => {
      const { runs } = test.stores;
      await meterRun(runs, await runningRun(runs, { userId: BOB }), { inputTokens: 3 });
      expect(await sums('day', ALICE)).toEqual([]);
      expect(await sums('day', BOB)).toMatchObject([{ runs: 1, tokenUsage: tokens(3) }]);
    });
  });
};

const describeTotals = (open: OpenStores): void => {
  describe('agentTotals', () => {
    const test = eachTest(open);

    it('gives the newest run and the tokens of all runs, for each agent asked for', async () => {
      const { runs } = test.stores;
      const [busy, idle, other] = [newAgentId(), newAgentId(), newAgentId()];
      const newest = await runningRun(runs, { agentId: busy }, NOW + 2);
      const older = await runningRun(runs, { agentId: busy }, NOW + 1);
      await meterRun(runs, newest, { inputTokens: 1, outputTokens: 2 });
      await meterRun(runs, older, { inputTokens: 10, cacheReadTokens: 4 });
      await meterRun(runs, await runningRun(runs, { agentId: other }), { inputTokens: 100 });
      await insertRun(runs, {}, NOW + 9);
      expect(await runs.agentTotals([busy, idle])).toEqual(
        new Map([
          [
            busy,
            {
              lastRun: { id: newest.id, status: 'running', createdAt: NOW + 2 },
              tokenUsage: tokens(11, 2, 4),
            },
          ],
          [idle, { lastRun: null, tokenUsage: tokens(0) }],
        ]),
      );
      expect(await runs.agentTotals([])).toEqual(new Map());
    });

    it('follows the newest run', async () => {
      const { runs } = test.stores;
      const agentId = newAgentId();
      const first = await insertRun(runs, { agentId }, NOW);
      const second = await runningRun(runs, { agentId }, NOW + 1);
      const last = async () => (await runs.agentTotals([agentId])).get(agentId)?.lastRun;
      expect(await last()).toEqual({ id: second.id, status: 'running', createdAt: NOW + 1 });
      await endRun(runs, second, NOW + 2);
      expect(await last()).toMatchObject({ id: second.id, status: 'failed' });
      await runs.purge(NOW + 3, 10);
      expect(await last()).toMatchObject({ id: first.id, status: 'queued' });
    });
  });
};

export const describeUsage = (open: OpenStores): void => {
  describeSums(open);
  describeTotals(open);
};
