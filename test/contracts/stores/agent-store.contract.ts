/** What every AgentStore must do. */
import { describe, expect, it } from 'vitest';
import type { Agent } from '../../../src/core/agent.ts';
import { DomainError } from '../../../src/core/errors.ts';
import { ALICE, BOB, DAY, NOW, newAgent, newAgentId, newIdempotencyRecord, task } from './fixtures.ts';
import { eachTest, type OpenStores } from './opened.ts';
import { BAD_CURSORS, readAll, refusal, tally } from './outcomes.ts';
import { insertRun } from './run-lives.ts';

const ALL = { limit: 100, cursor: null };

const rename = (agent: Agent, name: string): Agent => ({
  ...agent,
  name,
  revision: agent.revision + 1,
  updatedAt: agent.updatedAt + 1,
});

const describeInserts = (open: OpenStores): void => {
  describe('insert and get', () => {
    const test = eachTest(open);

    it('keeps an agent whole', async () => {
      const agent = newAgent({
        name: 'Näme "x" \u0000 한',
        task: task({ prompt: 'a\r\nb`$HOME`', outputSchema: { type: 'object' }, source: { git: 'u', ref: 'main' } }),
        schedule: { cron: '0 9 * * 1', timezone: 'Asia/Seoul', overlap: 'skip' },
        nextFireAt: NOW + 1,
      });
      expect(await test.stores.agents.insert(agent, null)).toEqual(agent);
      expect(await test.stores.agents.get(agent.id)).toEqual(agent);
      expect(await test.stores.agents.get(newAgentId())).toBeNull();
      await test.stores.close();
      expect(await (await test.reopen()).agents.get(agent.id)).toEqual(agent);
    });

    it('refuses one that exists, and writes nothing', async () => {
      const { agents, idempotency } = test.stores;
      const agent = newAgent();
      await agents.insert(agent, null);
      const once = newIdempotencyRecord({ userId: BOB });
      expect(await refusal(agents.insert(newAgent({ id: agent.id, userId: BOB }), once))).toBe('conflict');
      expect(await agents.get(agent.id)).toEqual(agent);
      expect(await idempotency.find(BOB, once.key, NOW)).toBeNull();
    });

    it('commits the idempotency record with it, and refuses a key that is taken', async () => {
      const { agents, idempotency } = test.stores;
      const once = newIdempotencyRecord();
      await agents.insert(newAgent(), once);
      expect(await idempotency.find(ALICE, once.key, NOW)).toEqual(once);
      const second = newAgent();
      expect(await refusal(agents.insert(second, newIdempotencyRecord({ key: once.key })))).toBe(
        'idempotency_in_flight',
      );
      expect(await agents.get(second.id)).toBeNull();
      const later = newAgent({ createdAt: NOW + DAY });
      const fresh = newIdempotencyRecord({ key: once.key, expiresAt: NOW + 2 * DAY });
      await agents.insert(later, fresh);
      expect(await idempotency.find(ALICE, once.key, NOW + DAY)).toEqual(fresh);
    });

    it('lets one of ten racers win a key', async () => {
      const other = await test.reopen();
      const once = newIdempotencyRecord();
      const racers = Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? test.stores : other).agents.insert(newAgent(), once),
      );
      expect(await tally(racers)).toEqual({ done: 1, idempotency_in_flight: 9 });
      expect((await other.agents.list(ALICE, ALL)).items).toHaveLength(1);
    });
  });
};

const describeUpdates = (open: OpenStores): void => {
  describe('update and delete', () => {
    const test = eachTest(open);

    it('keeps the earlier revision when the revision goes up, and only then', async () => {
      const { agents } = test.stores;
      const first = await agents.insert(newAgent(), null);
      const second = await agents.update(first.id, (agent) => rename(agent, 'Second'));
      expect(await agents.get(first.id)).toEqual(second);
      const moved = await agents.update(first.id, (agent) => ({ ...agent, nextFireAt: NOW + 5 }));
      expect((await agents.revisions(first.id, ALL)).items).toEqual([moved, first]);
      const third = await agents.update(first.id, (agent) => rename(agent, 'Third'));
      expect((await agents.revisions(first.id, ALL)).items).toEqual([third, moved, first]);
    });

    it('writes nothing when the decision throws or changes nothing', async () => {
      const { agents } = test.stores;
      const agent = await agents.insert(newAgent(), null);
      const call = agents.update(agent.id, () => {
        throw new DomainError('stale_revision', 'no');
      });
      expect(await refusal(call)).toBe('stale_revision');
      expect(await agents.update(agent.id, (present) => present)).toEqual(agent);
      expect((await agents.revisions(agent.id, ALL)).items).toEqual([agent]);
    });

    it('refuses to update or delete one that is not there, or to make another of it', async () => {
      const { agents } = test.stores;
      expect(await refusal(agents.update(newAgentId(), (agent) => agent))).toBe('not_found');
      expect(await refusal(agents.delete(newAgentId(), () => {}))).toBe('not_found');
      const { id } = await agents.insert(newAgent(), null);
      for (const other of [{ id: newAgentId() }, { userId: BOB }, { createdAt: 1 }, { revision: 0 }]) {
        expect(await refusal(agents.update(id, (agent) => ({ ...agent, ...other })))).toBe('internal');
      }
    });

    it('loses no update between two openings', async () => {
      const other = await test.reopen();
      const { id } = await test.stores.agents.insert(newAgent(), null);
      const calls = Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? test.stores : other).agents.update(id, (agent) => rename(agent, `name ${index}`)),
      );
      expect(await tally(calls)).toEqual({ done: 10 });
      expect((await other.agents.get(id))?.revision).toBe(11);
      expect((await other.agents.revisions(id, ALL)).items).toHaveLength(11);
    });

    it('deletes the agent and its revisions; its runs and their sums stay', async () => {
      const { agents, runs } = test.stores;
      const agent = await agents.insert(newAgent({ nextFireAt: NOW }), null);
      await agents.update(agent.id, (present) => rename(present, 'Second'));
      const run = await insertRun(runs, { agentId: agent.id });
      await agents.delete(agent.id, (present) => expect(present.name).toBe('Second'));
      expect(await agents.get(agent.id)).toBeNull();
      expect((await agents.revisions(agent.id, ALL)).items).toEqual([]);
      expect((await agents.list(ALICE, ALL)).items).toEqual([]);
      expect(await agents.findDue(NOW, 10)).toEqual([]);
      expect(await runs.get(run.id)).toEqual(run);
      expect((await runs.agentTotals([agent.id])).get(agent.id)?.lastRun?.id).toBe(run.id);
    });

    it('deletes nothing when the decision refuses', async () => {
      const { agents } = test.stores;
      const agent = await agents.insert(newAgent(), null);
      const call = agents.delete(agent.id, () => {
        throw new DomainError('stale_revision', 'no');
      });
      expect(await refusal(call)).toBe('stale_revision');
      expect(await agents.get(agent.id)).toEqual(agent);
    });
  });
};

const describeReading = (open: OpenStores): void => {
  describe('lists', () => {
    const test = eachTest(open);

    it("gives a user's agents, newest first, page by page, while others come", async () => {
      const { agents } = test.stores;
      const ids = [];
      for (let count = 0; count < 7; count += 1) {
        ids.push((await agents.insert(newAgent({ createdAt: NOW + (count % 3) }), null)).id);
      }
      await agents.insert(newAgent({ userId: BOB }), null);
      for (const limit of [1, 2, 7, 8]) {
        const found = await readAll((page) => agents.list(ALICE, page), limit);
        expect(found.map((agent) => agent.createdAt - NOW)).toEqual([2, 2, 1, 1, 0, 0, 0]);
        expect(new Set(found.map((agent) => agent.id))).toEqual(new Set(ids));
      }
      const first = await agents.list(ALICE, { limit: 3, cursor: null });
      await agents.insert(newAgent({ createdAt: NOW + 9 }), null);
      const rest = await agents.list(ALICE, { limit: 99, cursor: first.next });
      expect(new Set([...first.items, ...rest.items].map((agent) => agent.id))).toEqual(new Set(ids));
    });

    it('gives revisions page by page', async () => {
      const { agents } = test.stores;
      const { id } = await agents.insert(newAgent(), null);
      for (const name of ['b', 'c', 'd']) await agents.update(id, (agent) => rename(agent, name));
      const found = await readAll((page) => agents.revisions(id, page), 2);
      expect(found.map((agent) => agent.revision)).toEqual([4, 3, 2, 1]);
    });

    it('refuses a cursor that no list gave, and that of another list', async () => {
      const { agents } = test.stores;
      const { id } = await agents.insert(newAgent(), null);
      await agents.insert(newAgent(), null);
      const { next } = await agents.list(ALICE, { limit: 1, cursor: null });
      const refused = { code: 'invalid_request', faults: [{ pointer: 'page' }] };
      for (const cursor of BAD_CURSORS) {
        await expect(agents.list(ALICE, { limit: 1, cursor })).rejects.toMatchObject(refused);
      }
      await expect(agents.revisions(id, { limit: 1, cursor: next })).rejects.toMatchObject(refused);
    });

    it('finds the active agents that are due, the longest due first', async () => {
      const { agents } = test.stores;
      const late = await agents.insert(newAgent({ nextFireAt: NOW - 5 }), null);
      const later = await agents.insert(newAgent({ nextFireAt: NOW - 9, userId: BOB }), null);
      const now = await agents.insert(newAgent({ nextFireAt: NOW }), null);
      const paused = await agents.insert(newAgent({ nextFireAt: NOW - 7, status: 'paused' }), null);
      await agents.insert(newAgent({ nextFireAt: NOW + 1 }), null);
      await agents.insert(newAgent({ nextFireAt: null }), null);
      expect(await agents.findDue(NOW, 10)).toEqual([later.id, late.id, now.id]);
      expect(await agents.findDue(NOW, 2)).toEqual([later.id, late.id]);
      await agents.update(late.id, (agent) => ({ ...agent, nextFireAt: NOW + DAY }));
      await agents.update(paused.id, (agent) => ({ ...agent, status: 'active' }));
      expect(await agents.findDue(NOW, 10)).toEqual([later.id, paused.id, now.id]);
    });
  });
};

export const describeAgentStoreContract = (name: string, open: OpenStores): void => {
  describe(`${name}: agent store`, () => {
    describeInserts(open);
    describeUpdates(open);
    describeReading(open);
  });
};
