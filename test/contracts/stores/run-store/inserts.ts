import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queue, skip } from '../../../../src/core/transitions.ts';
import {
  ALICE,
  BOB,
  DAY,
  NOW,
  newAgentId,
  newConversationId,
  newIdempotencyRecord,
  newRun,
  newRunId,
  task,
} from '../fixtures.ts';
import { eachTest, type OpenStores } from '../opened.ts';
import { refusal, tally } from '../outcomes.ts';
import { insertRun } from '../run-lives.ts';

export const describeInserts = (open: OpenStores): void => {
  describe('insert, get and events', () => {
    const test = eachTest(open);

    it('commits the run and its first events', async () => {
      const { runs } = test.stores;
      const first = queue(
        newRun({ agentId: newAgentId(), agentRevision: 3, conversationId: newConversationId() }),
        NOW,
      );
      expect(await runs.insert(first, null)).toEqual(first.run);
      expect(await runs.get(first.run.id)).toEqual(first.run);
      expect(await runs.events(first.run.id, 0, 10)).toEqual(first.events);
    });

    it('commits a first decision with several events', async () => {
      const { runs } = test.stores;
      const first = skip(newRun(), 'The run before it is still going.', NOW);
      await runs.insert(first, null);
      expect(await runs.get(first.run.id)).toEqual(first.run);
      expect((await runs.events(first.run.id, 0, 10)).map((event) => event.type)).toEqual([
        'run.queued',
        'run.skipped',
      ]);
    });

    it('knows nothing of a run that was never inserted', async () => {
      const { runs } = test.stores;
      expect(await runs.get(newRunId())).toBeNull();
      expect(await runs.events(newRunId(), 0, 10)).toEqual([]);
    });

    it('is durable when it resolves', async () => {
      const first = queue(newRun(), NOW);
      await test.stores.runs.insert(first, null);
      const other = await test.reopen();
      expect(await other.runs.get(first.run.id)).toEqual(first.run);
      await test.stores.close();
      await other.close();
      const later = await test.reopen();
      expect(await later.runs.get(first.run.id)).toEqual(first.run);
      expect(await later.runs.events(first.run.id, 0, 10)).toEqual(first.events);
    });

    it('keeps every text as it is', async () => {
      const { runs } = test.stores;
      const text = fc.string({ unit: 'binary', maxLength: 200 });
      await fc.assert(
        fc.asyncProperty(text, fc.dictionary(text, fc.jsonValue({ noUnicodeString: false })), async (prompt, odd) => {
          const mcpServers = JSON.parse(JSON.stringify(odd));
          const run = await insertRun(runs, { task: task({ prompt, mcpServers, allowedTools: [prompt] }) });
          expect(await runs.get(run.id)).toEqual(run);
        }),
        { numRuns: 40 },
      );
    });

    it('keeps a prompt of 512 KiB', async () => {
      const { runs } = test.stores;
      const run = await insertRun(runs, { task: task({ prompt: '한'.repeat((512 * 1024) / 3) }) });
      expect((await runs.get(run.id))?.task.prompt).toBe(run.task.prompt);
    });

    it('refuses a run that exists, and leaves everything as it was', async () => {
      const { runs, idempotency } = test.stores;
      const first = queue(newRun(), NOW);
      await runs.insert(first, null);
      const again = queue(newRun({ id: first.run.id, userId: BOB }), NOW + 1);
      const once = newIdempotencyRecord({ userId: BOB });
      expect(await refusal(runs.insert(again, once))).toBe('conflict');
      expect(await runs.get(first.run.id)).toEqual(first.run);
      expect(await runs.events(first.run.id, 0, 10)).toEqual(first.events);
      expect(await idempotency.find(BOB, once.key, NOW)).toBeNull();
      expect((await runs.list({ userId: BOB }, { limit: 10, cursor: null })).items).toEqual([]);
      expect(await runs.usage({ userId: BOB, from: NOW, to: NOW, groupBy: 'day' })).toEqual([]);
    });

    it('refuses events that do not count from 1', async () => {
      const { runs } = test.stores;
      const { run, events } = queue(newRun(), NOW);
      const late = { run: { ...run, lastSeq: 2 }, events: events.map((event) => ({ ...event, seq: 2 })) };
      expect(await refusal(runs.insert(late, null))).toBe('internal');
      expect(await refusal(runs.insert({ run: { ...run, lastSeq: 5 }, events }, null))).toBe('internal');
      expect(await runs.get(run.id)).toBeNull();
    });
  });

  describe('insert with an idempotency record', () => {
    const test = eachTest(open);

    it('commits the record with the run', async () => {
      const { runs, idempotency } = test.stores;
      const once = newIdempotencyRecord();
      await runs.insert(queue(newRun(), NOW), once);
      expect(await idempotency.find(ALICE, once.key, NOW)).toEqual(once);
    });

    it('refuses a key that is taken, and writes nothing', async () => {
      const { runs, idempotency } = test.stores;
      const once = newIdempotencyRecord();
      await runs.insert(queue(newRun(), NOW), once);
      const second = queue(newRun(), NOW + 1);
      const other = newIdempotencyRecord({ key: once.key });
      expect(await refusal(runs.insert(second, other))).toBe('idempotency_in_flight');
      expect(await runs.get(second.run.id)).toBeNull();
      expect(await runs.events(second.run.id, 0, 10)).toEqual([]);
      expect(await idempotency.find(ALICE, once.key, NOW)).toEqual(once);
      expect(await runs.findClaimable(NOW + 1, 10)).toHaveLength(1);
      expect(await runs.usage({ userId: ALICE, from: NOW, to: NOW, groupBy: 'day' })).toMatchObject([{ runs: 1 }]);
    });

    it('lets another user have the same key', async () => {
      const { runs } = test.stores;
      const once = newIdempotencyRecord();
      await runs.insert(queue(newRun(), NOW), once);
      await runs.insert(queue(newRun({ userId: BOB }), NOW), newIdempotencyRecord({ userId: BOB, key: once.key }));
      expect(await runs.findClaimable(NOW, 10)).toHaveLength(2);
    });

    it('replaces a record that has expired when the run is made', async () => {
      const { runs, idempotency } = test.stores;
      const old = newIdempotencyRecord({ expiresAt: NOW + DAY });
      await runs.insert(queue(newRun(), NOW), old);
      const fresh = newIdempotencyRecord({ key: old.key, expiresAt: NOW + 2 * DAY });
      expect(await refusal(runs.insert(queue(newRun(), NOW + DAY - 1), fresh))).toBe('idempotency_in_flight');
      await runs.insert(queue(newRun(), NOW + DAY), fresh);
      expect(await idempotency.find(ALICE, old.key, NOW + DAY)).toEqual(fresh);
    });

    it('lets one of ten racers win', async () => {
      const other = await test.reopen();
      const once = newIdempotencyRecord();
      const racers = Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? test.stores : other).runs.insert(queue(newRun(), NOW), once),
      );
      expect(await tally(racers)).toEqual({ done: 1, idempotency_in_flight: 9 });
      expect(await test.stores.runs.findClaimable(NOW, 20)).toHaveLength(1);
    });

    it('lets one of ten racers make the same run', async () => {
      const other = await test.reopen();
      const first = queue(newRun(), NOW);
      const racers = Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? test.stores : other).runs.insert(first, null),
      );
      expect(await tally(racers)).toEqual({ done: 1, conflict: 9 });
      expect(await test.stores.runs.events(first.run.id, 0, 10)).toHaveLength(1);
    });
  });
};
