import { describe, expect, it } from 'vitest';
import type { RunId } from '../../../../src/core/ids.ts';
import { handOver, requestStop, startFailed } from '../../../../src/core/transitions.ts';
import { ALICE, BOB, NOW, SECOND, userId } from '../fixtures.ts';
import { eachTest, type OpenStores } from '../opened.ts';
import { claimRun, endRun, insertRun, LEASE_MS, runningRun } from '../run-lives.ts';

const describeWhich = (open: OpenStores): void => {
  describe('findClaimable finds', () => {
    const test = eachTest(open);

    it('nothing in an empty store', async () => {
      expect(await test.stores.runs.findClaimable(NOW, 10)).toEqual([]);
    });

    it('a queued run from its time on', async () => {
      const { runs } = test.stores;
      const run = await insertRun(runs);
      expect(await runs.findClaimable(NOW - 1, 10)).toEqual([]);
      expect(await runs.findClaimable(NOW, 10)).toEqual([run.id]);
    });

    it('a run whose start failed, but not before its next try', async () => {
      const { runs } = test.stores;
      const run = await claimRun(runs, await insertRun(runs));
      await runs.update(run.id, (present) => startFailed(present, 1, 'busy', null, NOW));
      expect(await runs.findClaimable(NOW + SECOND - 1, 10)).toEqual([]);
      expect(await runs.findClaimable(NOW + SECOND, 10)).toEqual([run.id]);
    });

    it('a live run only when its lease is over', async () => {
      const { runs } = test.stores;
      const starting = await claimRun(runs, await insertRun(runs));
      const running = await runningRun(runs, { userId: BOB });
      expect(await runs.findClaimable(NOW + LEASE_MS - 1, 10)).toEqual([]);
      expect(new Set(await runs.findClaimable(NOW + LEASE_MS, 10))).toEqual(new Set([starting.id, running.id]));
    });

    it('a run that was handed over, at once', async () => {
      const { runs } = test.stores;
      const run = await runningRun(runs);
      await runs.update(run.id, (present) => handOver(present, 1, NOW + 1));
      expect(await runs.findClaimable(NOW + 1, 10)).toEqual([run.id]);
    });

    it('no run that is to be left out, and those that come behind it in its place', async () => {
      const { runs } = test.stores;
      const left: RunId[] = [];
      for (let at = 0; at < 3; at += 1) left.push((await runningRun(runs, {}, NOW + at)).id);
      const mine = await insertRun(runs, {}, NOW + 9);
      const ofBob = await insertRun(runs, { userId: BOB }, NOW + 10);
      const now = NOW + LEASE_MS + 10;
      expect(await runs.findClaimable(now, 1, left)).toEqual([ofBob.id]);
      expect(await runs.findClaimable(now, 2, left)).toEqual([ofBob.id, mine.id]);
      expect(await runs.findClaimable(now, 10, [mine.id, ofBob.id])).toEqual(left);
      const nextOfBob = await insertRun(runs, { userId: BOB }, NOW + 10);
      const bobs = [ofBob.id, nextOfBob.id].sort();
      expect(await runs.findClaimable(now, 2, [...left, mine.id])).toEqual(bobs);
    });

    it('no run that is over', async () => {
      const { runs } = test.stores;
      await endRun(runs, await runningRun(runs));
      const queued = await insertRun(runs);
      await runs.update(queued.id, (present) => requestStop(present, 'cancelled', null, NOW));
      expect(await runs.findClaimable(NOW + 10 * LEASE_MS, 10)).toEqual([]);
    });
  });
};

const describeOrder = (open: OpenStores): void => {
  describe('findClaimable orders', () => {
    const test = eachTest(open);

    it("a user's runs by age, up to the limit", async () => {
      const { runs } = test.stores;
      const third = await insertRun(runs, {}, NOW + 2);
      const first = await insertRun(runs, {}, NOW);
      const second = await insertRun(runs, {}, NOW + 1);
      expect(await runs.findClaimable(NOW + 9, 10)).toEqual([first.id, second.id, third.id]);
      expect(await runs.findClaimable(NOW + 9, 2)).toEqual([first.id, second.id]);
      expect(await runs.findClaimable(NOW + 9, 0)).toEqual([]);
    });

    it('runs of the same instant by id', async () => {
      const { runs } = test.stores;
      const ids = [];
      for (let count = 0; count < 6; count += 1) ids.push((await insertRun(runs)).id);
      expect(await runs.findClaimable(NOW, 10)).toEqual(ids.sort());
    });

    it("a user's first before another's second", async () => {
      const { runs } = test.stores;
      const greedy = [];
      for (let count = 0; count < 50; count += 1) greedy.push(await insertRun(runs, {}, NOW + count));
      const single = await insertRun(runs, { userId: BOB }, NOW + 100);
      const found = await runs.findClaimable(NOW + 100, 3);
      expect(found).toEqual([greedy[0]?.id, single.id, greedy[1]?.id]);
    });

    it('who has fewer live runs first', async () => {
      const { runs } = test.stores;
      const carol = userId('carol');
      const ofAlice = await insertRun(runs, {}, NOW);
      const ofBob = await insertRun(runs, { userId: BOB }, NOW + 1);
      const ofCarol = await insertRun(runs, { userId: carol }, NOW + 2);
      await runningRun(runs, {}, NOW);
      await runningRun(runs, {}, NOW);
      await claimRun(runs, await insertRun(runs, { userId: BOB }, NOW), NOW);
      await endRun(runs, await runningRun(runs, { userId: carol }, NOW), NOW);
      expect(await runs.findClaimable(NOW + 9, 10)).toEqual([ofCarol.id, ofBob.id, ofAlice.id]);
    });

    it('a second after every first, however many live runs those have', async () => {
      const { runs } = test.stores;
      await runningRun(runs, {}, NOW);
      const ofAlice = await insertRun(runs, {}, NOW + 9);
      const ofBob = await insertRun(runs, { userId: BOB }, NOW);
      const second = await insertRun(runs, { userId: BOB }, NOW);
      const [older, newer] = [ofBob.id, second.id].sort();
      expect(await runs.findClaimable(NOW + 9, 10)).toEqual([older, ofAlice.id, newer]);
    });

    it('one run of each of many users, when there are more users than asked for', async () => {
      const { runs } = test.stores;
      for (let count = 0; count < 12; count += 1) {
        await insertRun(runs, { userId: userId(`user-${count % 6}`) }, NOW + count);
      }
      const found = await runs.findClaimable(NOW + 20, 5);
      const owners = await Promise.all(found.map(async (id) => (await runs.get(id))?.userId));
      expect(owners).toEqual(['user-0', 'user-1', 'user-2', 'user-3', 'user-4']);
    });

    it('past a user whose runs are all taken', async () => {
      const { runs } = test.stores;
      await runningRun(runs, { userId: userId('aaron') }, NOW);
      const run = await insertRun(runs, { userId: ALICE }, NOW);
      expect(await runs.findClaimable(NOW, 1)).toEqual([run.id]);
    });
  });
};

export const describeClaims = (open: OpenStores): void => {
  describeWhich(open);
  describeOrder(open);
};
