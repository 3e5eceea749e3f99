import { describe, expect, it } from 'vitest';
import type { RunStatus } from '../../../../src/core/run.ts';
import { ALICE, BOB, NOW, newAgentId, newConversationId } from '../fixtures.ts';
import { eachTest, type OpenStores } from '../opened.ts';
import { BAD_CURSORS, readAll, refusal } from '../outcomes.ts';
import { claimRun, endRun, insertRun, recordRun, runningRun } from '../run-lives.ts';

const ALL = { limit: 100, cursor: null };

const describeFilters = (open: OpenStores): void => {
  describe('list', () => {
    const test = eachTest(open);

    it('gives whole runs, newest first, of the user alone', async () => {
      const { runs } = test.stores;
      const older = await insertRun(runs, {}, NOW);
      const newest = await insertRun(runs, {}, NOW + 2);
      const middle = await runningRun(runs, {}, NOW + 1);
      await insertRun(runs, { userId: BOB }, NOW + 1);
      const { items, next } = await runs.list({ userId: ALICE }, ALL);
      expect(items).toEqual([newest, middle, older]);
      expect(next).toBeNull();
    });

    it('chooses by agent, conversation and status, and by all of them together', async () => {
      const { runs } = test.stores;
      const [agentId, conversationId] = [newAgentId(), newConversationId()];
      const plain = await insertRun(runs, {}, NOW);
      const ofAgent = await insertRun(runs, { agentId }, NOW + 1);
      const live = await claimRun(runs, await insertRun(runs, { agentId, conversationId }, NOW + 2));
      const talk = await endRun(runs, await runningRun(runs, { conversationId }, NOW + 3));
      await insertRun(runs, { userId: BOB, agentId, conversationId }, NOW + 4);
      const ids = async (filter: object) =>
        (await runs.list({ userId: ALICE, ...filter }, ALL)).items.map((run) => run.id);
      const statuses = (...names: RunStatus[]) => ({ statuses: names });
      expect(await ids({ agentId })).toEqual([live.id, ofAgent.id]);
      expect(await ids({ conversationId })).toEqual([talk.id, live.id]);
      expect(await ids({ agentId, conversationId })).toEqual([live.id]);
      expect(await ids(statuses('queued'))).toEqual([ofAgent.id, plain.id]);
      expect(await ids(statuses('failed', 'starting'))).toEqual([talk.id, live.id]);
      expect(await ids(statuses('failed', 'failed'))).toEqual([talk.id]);
      expect(await ids({ agentId, ...statuses('queued') })).toEqual([ofAgent.id]);
      expect(await ids({ agentId, conversationId, ...statuses('starting', 'queued') })).toEqual([live.id]);
      expect(await ids(statuses('timed_out'))).toEqual([]);
      expect(await ids({ agentId: newAgentId() })).toEqual([]);
    });

    it('chooses by the time of making: from an instant on, and before another, page by page', async () => {
      const { runs } = test.stores;
      const [, second, third, fourth] = [
        await insertRun(runs, {}, NOW),
        await insertRun(runs, {}, NOW + 1),
        await insertRun(runs, {}, NOW + 2),
        await insertRun(runs, {}, NOW + 3),
      ];
      const ids = async (filter: object) =>
        (await runs.list({ userId: ALICE, ...filter }, ALL)).items.map((run) => run.id);
      expect(await ids({ from: NOW + 2 })).toEqual([fourth.id, third.id]);
      expect(await ids({ from: NOW + 1, to: NOW + 3 })).toEqual([third.id, second.id]);
      expect(await ids({ from: NOW + 4 })).toEqual([]);
      expect(await ids({ to: NOW })).toEqual([]);
      const filter = { userId: ALICE, from: NOW + 1, to: NOW + 3 };
      const first = await runs.list(filter, { limit: 1, cursor: null });
      expect(first.items.map((run) => run.id)).toEqual([third.id]);
      const next = await runs.list(filter, { limit: 5, cursor: first.next });
      expect([next.items.map((run) => run.id), next.next]).toEqual([[second.id], null]);
    });

    it('gives nothing when no status is allowed', async () => {
      const { runs } = test.stores;
      await insertRun(runs);
      expect(await runs.list({ userId: ALICE, statuses: [] }, ALL)).toEqual({ items: [], next: null });
    });

    it("shows nothing of another user's runs by their agent or conversation", async () => {
      const { runs } = test.stores;
      const [agentId, conversationId] = [newAgentId(), newConversationId()];
      await insertRun(runs, { userId: BOB, agentId, conversationId });
      expect((await runs.list({ userId: ALICE, agentId }, ALL)).items).toEqual([]);
      expect((await runs.list({ userId: ALICE, conversationId }, ALL)).items).toEqual([]);
    });
  });
};

const describePages = (open: OpenStores): void => {
  describe('pages of runs', () => {
    const test = eachTest(open);

    it('give every run once, those of one instant too', async () => {
      const { runs } = test.stores;
      const ids = [];
      for (let count = 0; count < 11; count += 1) ids.push((await insertRun(runs, {}, NOW + (count % 2))).id);
      for (const limit of [1, 2, 3, 10, 11, 12]) {
        const found = (await readAll((page) => runs.list({ userId: ALICE }, page), limit)).map((run) => run.id);
        expect(new Set(found)).toEqual(new Set(ids));
        expect(found).toHaveLength(11);
      }
    });

    it('end where the last run does', async () => {
      const { runs } = test.stores;
      for (let count = 0; count < 4; count += 1) await insertRun(runs, {}, NOW + count);
      const first = await runs.list({ userId: ALICE }, { limit: 2, cursor: null });
      expect(first.items).toHaveLength(2);
      expect(first.next).not.toBeNull();
      const second = await runs.list({ userId: ALICE }, { limit: 2, cursor: first.next });
      expect(second.items).toHaveLength(2);
      expect(second.next).toBeNull();
    });

    it('neither repeat nor miss a run while others are inserted, changed and purged', async () => {
      const { runs } = test.stores;
      const old = [];
      for (let count = 0; count < 9; count += 1) old.unshift(await runningRun(runs, {}, NOW + count));
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await runs.list({ userId: ALICE }, { limit: 2, cursor });
        seen.push(...page.items.map((run) => run.id));
        cursor = page.next;
        await insertRun(runs, {}, NOW + 1_000 + seen.length);
        const last = page.items.at(-1);
        if (last !== undefined) await recordRun(runs, last, ['goes on']);
        // The run that the cursor stands on goes away.
        if (last !== undefined) await endRun(runs, last, 1);
        await runs.purge(2, 10);
      } while (cursor !== null);
      expect(seen).toEqual(old.map((run) => run.id));
    });

    it('keep to the filter', async () => {
      const { runs } = test.stores;
      const agentId = newAgentId();
      for (let count = 0; count < 6; count += 1) await insertRun(runs, count % 2 === 0 ? { agentId } : {}, NOW + count);
      const filter = { userId: ALICE, agentId, statuses: ['queued', 'failed'] as const };
      const found = await readAll((page) => runs.list(filter, page), 1);
      expect(found.map((run) => run.createdAt)).toEqual([NOW + 4, NOW + 2, NOW]);
    });

    it("give nothing of another user's list to who has its cursor", async () => {
      const { runs } = test.stores;
      for (let count = 0; count < 3; count += 1) await insertRun(runs, { userId: BOB }, NOW + count);
      const { next } = await runs.list({ userId: BOB }, { limit: 1, cursor: null });
      expect(next).not.toBeNull();
      expect((await runs.list({ userId: ALICE }, { limit: 9, cursor: next })).items).toEqual([]);
    });

    it('are refused for a cursor that no list gave, by the name of `page`', async () => {
      const { runs } = test.stores;
      for (const cursor of BAD_CURSORS) {
        const call = runs.list({ userId: ALICE }, { limit: 1, cursor });
        await expect(call).rejects.toMatchObject({ code: 'invalid_request', faults: [{ pointer: 'page' }] });
      }
      expect(await refusal(runs.list({ userId: ALICE }, ALL))).toBeNull();
    });
  });
};

export const describeLists = (open: OpenStores): void => {
  describeFilters(open);
  describePages(open);
};
