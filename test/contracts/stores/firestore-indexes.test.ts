/** deploy/firestore: every index that a query needs, none that no query needs, and rules that let nobody in. */
import { expect, it } from 'vitest';
import { RUN_STATUSES } from '../../../src/core/run.ts';
import type { Operation } from '../../../src/stores/firestore/connection.ts';
import { describeWithFirestore } from '../../support/firestore/firestore.ts';
import { INDEXES, neededIndex, RULES, TTL } from '../../support/firestore/indexes.ts';
import { ALICE, NOW, newAgentId, newConversationId, newRunId, userId } from './fixtures.ts';
import { insertRun } from './run-lives.ts';
import { openTemporaryFirestore } from './temporary-firestore.ts';

const PAGE = { limit: 50, cursor: null };
/** More than one query reads, so that the users are gone through. */
const MANY = 101;

it('the rules let no client in', () => {
  const rules = RULES.replaceAll(/\/\/.*/g, '').match(/allow[^;]*;/g);
  expect(rules).toEqual(['allow read, write: if false;']);
});

it('what expires is deleted by the database', () => {
  expect(TTL).toEqual(['idempotency.expireAt', 'watches.expireAt']);
});

describeWithFirestore('the indexes', () => {
  it('are those that the queries need, and no others', async () => {
    const needed = new Set<string>();
    const observe = (operation: Operation): void => {
      if (operation.kind !== 'find' && operation.kind !== 'count' && operation.kind !== 'listen') return;
      const index = operation.select === null ? null : neededIndex(operation.select);
      if (index !== null) needed.add(index);
    };
    const { stores, close } = await openTemporaryFirestore(observe);
    try {
      const { runs, agents, conversations, keys, idempotency } = stores;
      await Promise.all(
        Array.from({ length: MANY }, (_, index) => insertRun(runs, { userId: userId(`user-${index % 3}`) })),
      );
      expect(await runs.findClaimable(NOW, 5)).toHaveLength(5);
      for (const agent of [{}, { agentId: newAgentId() }]) {
        for (const conversation of [{}, { conversationId: newConversationId() }]) {
          for (const status of [{}, { statuses: RUN_STATUSES }]) {
            await runs.list({ userId: ALICE, ...agent, ...conversation, ...status }, PAGE);
          }
        }
      }
      await runs.events(newRunId(), 0, 10);
      await runs.usage({ userId: ALICE, from: NOW, to: NOW, groupBy: 'agent' });
      await runs.usage({ userId: ALICE, agentId: newAgentId(), from: NOW, to: NOW, groupBy: 'day' });
      await runs.list({ userId: ALICE, from: NOW, to: NOW + 1 }, PAGE);
      await runs.agentTotals([newAgentId()]);
      await runs.purge(NOW, 10);
      await agents.list(ALICE, PAGE);
      await agents.revisions(newAgentId(), PAGE);
      await agents.findDue(NOW, 10);
      await conversations.list(ALICE, PAGE);
      await conversations.messages(newConversationId(), 0, 10);
      await keys.findByHash('hash');
      await keys.list(ALICE);
      await idempotency.purge(NOW);
      // What processes listen to: firestore-word.test.ts sees that it is this.
      needed.add('runs: status asc, createdAt desc');
    } finally {
      await close();
    }
    expect([...needed].sort()).toEqual([...INDEXES].sort());
  });
});
