/** Every statement that reads goes by an index, whatever it costs in a database that is as small as a test's. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RUN_STATUSES } from '../../../src/core/run.ts';
import type { RunFilter } from '../../../src/ports/run-store.ts';
import { createAgentStore } from '../../../src/stores/sqlite/agents.ts';
import { type Connection, openConnection } from '../../../src/stores/sqlite/connection.ts';
import { createConversationStore } from '../../../src/stores/sqlite/conversations.ts';
import { createIdempotencyStore } from '../../../src/stores/sqlite/idempotency.ts';
import { createKeyStore } from '../../../src/stores/sqlite/keys.ts';
import { createRunStore } from '../../../src/stores/sqlite/runs.ts';
import { ALICE, NOW, newAgentId, newConversationId, newRunId } from './fixtures.ts';
import { openTemporarySqlite } from './temporary-sqlite.ts';

const PAGE = { limit: 50, cursor: null };

describe('the plan of', () => {
  let connection: Connection;
  let close = async (): Promise<void> => {};
  beforeEach(async () => {
    const { path, close: remove } = await openTemporarySqlite();
    connection = openConnection(path);
    close = async () => {
      connection.close();
      await remove();
    };
  });
  afterEach(() => close());

  /** The plans of all statements that `work` makes, as SQLite explains them. */
  const plansOf = async (work: (connection: Connection) => Promise<unknown>): Promise<string[]> => {
    const statements: string[] = [];
    const recorder: Connection = {
      ...connection,
      get: (sql, ...values) => {
        statements.push(sql);
        return connection.get(sql, ...values);
      },
      all: (sql, ...values) => {
        statements.push(sql);
        return connection.all(sql, ...values);
      },
    };
    await work(recorder);
    return statements.flatMap((sql) => connection.all(`EXPLAIN QUERY PLAN ${sql}`).map((row) => String(row.detail)));
  };
  const tables = 'runs|tasks|events|usage|agents|agent_revisions|conversations|messages|api_keys|idempotency';
  const scans = (plans: readonly string[]) => plans.filter((line) => new RegExp(`^SCAN (${tables})\\b`).test(line));
  const sorts = (plans: readonly string[]) => plans.filter((line) => line.startsWith('USE TEMP B-TREE'));

  it('findClaimable skips through the users and sorts no more than the candidates', async () => {
    const plans = await plansOf((recorded) => createRunStore(recorded).findClaimable(NOW, 8));
    // The one scan is the first step of the index, for the first user.
    expect(scans(plans)).toEqual(['SCAN runs USING COVERING INDEX runs_open']);
    expect(plans.filter((line) => line.includes('runs_open (user_id'))).toHaveLength(3);
    expect(plans).toContain('SEARCH runs USING COVERING INDEX runs_live (user_id=?)');
    expect(sorts(plans)).toHaveLength(2);
  });

  const filters: readonly RunFilter[] = [
    { userId: ALICE },
    { userId: ALICE, statuses: ['queued'] },
    { userId: ALICE, agentId: newAgentId() },
    { userId: ALICE, conversationId: newConversationId(), statuses: ['failed', 'running'] },
    { userId: ALICE, agentId: newAgentId(), conversationId: newConversationId() },
  ];
  it.each(filters)('a list seeks each status and sorts no more than a page of each (%o)', async (filter) => {
    const plans = await plansOf((recorded) => createRunStore(recorded).list(filter, PAGE));
    expect(scans(plans)).toEqual([]);
    const seeks = plans.filter((line) => /runs_by_\w+ \(user_id=\?.* AND status=\? AND \(created_at,id\)</.test(line));
    const { length } = filter.statuses ?? RUN_STATUSES;
    expect(seeks).toHaveLength(length);
    // Each status's page as it is merged, and the merged one; none where the rows are sought.
    expect(sorts(plans).length).toBeLessThanOrEqual(length + 1);
  });

  it('every other read goes by an index', async () => {
    const plans = await plansOf(async (recorded) => {
      const runs = createRunStore(recorded);
      await runs.get(newRunId());
      await runs.events(newRunId(), 0, 10);
      await runs.usage({ userId: ALICE, from: NOW, to: NOW, groupBy: 'agent' });
      await runs.agentTotals([newAgentId()]);
      await runs.purge(NOW, 10);
      const agents = createAgentStore(recorded);
      await agents.get(newAgentId());
      await agents.list(ALICE, PAGE);
      await agents.revisions(newAgentId(), PAGE);
      await agents.findDue(NOW, 10);
      const conversations = createConversationStore(recorded);
      await conversations.list(ALICE, PAGE);
      await conversations.messages(newConversationId(), 0, 10);
      await conversations.findUnsettled(NOW, 10);
      const keys = createKeyStore(recorded);
      await keys.findByHash('hash');
      await keys.list(ALICE);
      await createIdempotencyStore(recorded).find(ALICE, 'key', NOW);
    });
    expect(plans.length).toBeGreaterThan(15);
    expect(scans(plans)).toEqual([]);
  });
});
