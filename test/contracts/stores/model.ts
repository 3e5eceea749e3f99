/** A RunStore as its port describes it, in the plainest words: everything in memory, everything by looking at all. */
import { DomainError } from '../../../src/core/errors.ts';
import type { RunEvent } from '../../../src/core/events.ts';
import type { AgentId, Instant, RunId } from '../../../src/core/ids.ts';
import { isLive, isTerminal, type Run } from '../../../src/core/run.ts';
import { isClaimable } from '../../../src/core/transitions.ts';
import { addCost, addUsage, type CostUsd, NO_USAGE } from '../../../src/core/usage.ts';
import type { IdempotencyRecord } from '../../../src/ports/idempotency-store.ts';
import type { RunFilter, RunStore, UsageQuery, UsageSum } from '../../../src/ports/run-store.ts';

const oldestFirst = (a: Run, b: Run): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
const newestFirst = (a: Run, b: Run): number => oldestFirst(b, a);
const utcDay = (at: Instant): string => new Date(at).toISOString().slice(0, 10);

const matches = (run: Run, filter: RunFilter): boolean =>
  run.userId === filter.userId &&
  (filter.agentId === undefined || run.agentId === filter.agentId) &&
  (filter.conversationId === undefined || run.conversationId === filter.conversationId) &&
  run.createdAt >= (filter.from ?? 0) &&
  run.createdAt < (filter.to ?? Number.POSITIVE_INFINITY) &&
  (filter.statuses === undefined || filter.statuses.includes(run.state.status));

const groupOf = (run: Run, query: UsageQuery): string => {
  if (query.groupBy === 'day') return utcDay(run.createdAt);
  return (query.groupBy === 'agent' ? run.agentId : run.model) ?? '';
};

const fairOrder = (all: readonly Run[], now: Instant, except: readonly RunId[]): Run[] => {
  const liveOf = (run: Run): number => all.filter((other) => other.userId === run.userId && isLive(other)).length;
  const claimable = all.filter((run) => isClaimable(run, now) && !except.includes(run.id)).sort(oldestFirst);
  const rankOf = (run: Run): number => claimable.filter((other) => other.userId === run.userId).indexOf(run);
  return claimable
    .map((run) => ({ run, rank: rankOf(run), live: liveOf(run) }))
    .sort((a, b) => a.rank - b.rank || a.live - b.live || oldestFirst(a.run, b.run))
    .map(({ run }) => run);
};

const sumUp = (runs: readonly Run[]) => ({
  tokenUsage: runs.reduce((sum, run) => addUsage(sum, run.tokenUsage), NO_USAGE),
  costUsd: runs.reduce<CostUsd>((sum, run) => addCost(sum, run.costUsd), 0),
});

const sumBy = (runs: readonly Run[], query: UsageQuery): UsageSum[] => {
  const counted = runs.filter(
    (run) =>
      run.userId === query.userId &&
      (query.agentId === undefined || run.agentId === query.agentId) &&
      utcDay(run.createdAt) >= utcDay(query.from) &&
      utcDay(run.createdAt) <= utcDay(query.to),
  );
  const groups = [...new Set(counted.map((run) => groupOf(run, query)))].sort();
  return groups.map((group) => {
    const members = counted.filter((run) => groupOf(run, query) === group);
    return { group, runs: members.length, ...sumUp(members) };
  });
};

export const createModelRunStore = (): RunStore => {
  const kept = new Map<RunId, Run>();
  /** Purged ones too, as they were last. */
  const ever = new Map<RunId, Run>();
  /** Purged ones: an id may be given again after that, and both have used what they used. */
  const purged: Run[] = [];
  const events = new Map<RunId, readonly RunEvent[]>();
  const records = new Map<string, IdempotencyRecord>();

  const commit = (run: Run, more: readonly RunEvent[]): Run => {
    kept.set(run.id, run);
    ever.set(run.id, run);
    events.set(run.id, [...(events.get(run.id) ?? []), ...more]);
    return run;
  };
  const newest = (agent: AgentId): Run | null =>
    [...kept.values()].filter((run) => run.agentId === agent).sort(newestFirst)[0] ?? null;

  return {
    insert: async ({ run, events: first }, once) => {
      if (kept.has(run.id)) throw new DomainError('conflict', 'exists');
      if (once !== null) {
        const name = JSON.stringify([once.userId, once.key]);
        const known = records.get(name);
        if (known !== undefined && known.expiresAt > run.createdAt) {
          throw new DomainError('idempotency_in_flight', 'taken');
        }
        records.set(name, once);
      }
      return commit(run, first);
    },
    get: async (id) => kept.get(id) ?? null,
    update: async (id, decide) => {
      const before = kept.get(id);
      if (before === undefined) throw new DomainError('not_found', 'unknown');
      const decision = decide(before);
      return commit(decision.run, decision.events);
    },
    findClaimable: async (now, limit, except = []) =>
      fairOrder([...kept.values()], now, except)
        .slice(0, limit)
        .map((run) => run.id),
    list: async (filter, { limit, cursor }) => {
      const all = [...kept.values()].filter((run) => matches(run, filter)).sort(newestFirst);
      const from = cursor === null ? 0 : all.findIndex((run) => run.id === cursor) + 1;
      const items = all.slice(from, from + limit);
      return { items, next: from + limit < all.length ? (items.at(-1)?.id ?? null) : null };
    },
    events: async (id, after, limit) => (events.get(id) ?? []).filter((event) => event.seq > after).slice(0, limit),
    usage: async (query) => sumBy([...purged, ...ever.values()], query),
    agentTotals: async (ids) =>
      new Map(
        ids.map((id) => {
          const last = newest(id);
          const { tokenUsage } = sumUp([...purged, ...ever.values()].filter((run) => run.agentId === id));
          const lastRun = last && { id: last.id, status: last.state.status, createdAt: last.createdAt };
          return [id, { lastRun, tokenUsage }];
        }),
      ),
    purge: async (before, limit) => {
      const endedAt = (run: Run): Instant => ('endedAt' in run.state ? run.state.endedAt : Number.POSITIVE_INFINITY);
      const gone = [...kept.values()]
        .filter((run) => isTerminal(run) && endedAt(run) < before)
        .sort((a, b) => endedAt(a) - endedAt(b) || (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map((run) => run.id);
      for (const id of gone) {
        const run = ever.get(id);
        if (run !== undefined) purged.push(run);
        ever.delete(id);
        kept.delete(id);
        events.delete(id);
      }
      return gone;
    },
  };
};
