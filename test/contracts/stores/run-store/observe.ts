/** Everything that a RunStore shows of itself, as one value. */
import type { AgentId, ConversationId, Instant, RunId, UserId } from '../../../../src/core/ids.ts';
import { type RunFilter, type RunStore, USAGE_GROUPS } from '../../../../src/ports/run-store.ts';
import { DAY } from '../fixtures.ts';
import { readAll } from '../outcomes.ts';

interface World {
  readonly runs: readonly RunId[];
  readonly users: readonly UserId[];
  readonly agents: readonly AgentId[];
  readonly conversations: readonly ConversationId[];
  readonly now: Instant;
}

const filtersOf = (world: World): RunFilter[] =>
  world.users.flatMap((userId): RunFilter[] => [
    { userId },
    { userId, statuses: ['queued', 'running', 'failed'] },
    ...world.agents.map((agentId): RunFilter => ({ userId, agentId })),
    ...world.conversations.map(
      (conversationId): RunFilter => ({ userId, conversationId, statuses: ['queued', 'starting', 'cancelled'] }),
    ),
  ]);

const usageOf = async (store: RunStore, world: World) => {
  const queries = world.users.flatMap((userId) =>
    USAGE_GROUPS.map((groupBy) => ({ userId, groupBy, from: world.now - 2 * DAY, to: world.now })),
  );
  const sums = queries.map(async ({ userId, groupBy, ...days }) =>
    // Adding in another order may give another last digit.
    (await store.usage({ userId, groupBy, ...days })).map(({ costUsd, ...sum }) => ({
      userId,
      groupBy,
      ...sum,
      costUsd: costUsd === null ? null : costUsd.toFixed(6),
    })),
  );
  return (await Promise.all(sums)).flat();
};

export const observe = async (store: RunStore, world: World) => {
  const lists = await Promise.all(
    filtersOf(world).map(async (filter) => (await readAll((page) => store.list(filter, page), 2)).map((run) => run.id)),
  );
  return {
    runs: await Promise.all(world.runs.map((id) => store.get(id))),
    events: await Promise.all(world.runs.map((id) => store.events(id, 0, 1_000))),
    lists,
    claimable: [
      await store.findClaimable(world.now, 2),
      await store.findClaimable(world.now, 100),
      await store.findClaimable(world.now, 2, world.runs.slice(0, 3)),
    ],
    usage: await usageOf(store, world),
    totals: await store.agentTotals(world.agents),
  };
};
