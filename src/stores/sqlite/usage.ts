/**
 * Usage sums. Each run stands in one row of sums, that of its user, day, agent and present model, and what changes in
 * the run changes there in the same transaction.
 */
import type { AgentTotals } from '../../core/agent.ts';
import type { AgentId, Instant } from '../../core/ids.ts';
import { RUN_STATUSES, type Run } from '../../core/run.ts';
import type { TokenUsage } from '../../core/usage.ts';
import type { UsageGroup, UsageQuery, UsageSum } from '../../ports/run-store.ts';
import { number, runId, runStatus, text } from './codec.ts';
import type { Connection, Row } from './connection.ts';

const NANO = 1e9;

/** What runs add to a row of sums, in the order of its columns. */
type Amounts = readonly [
  runs: number,
  input: number,
  output: number,
  cacheRead: number,
  cacheWrite: number,
  costNano: number,
  unknownCosts: number,
];

const amountsOf = ({ tokenUsage, costUsd }: Run): Amounts => [
  1,
  tokenUsage.inputTokens,
  tokenUsage.outputTokens,
  tokenUsage.cacheReadTokens,
  tokenUsage.cacheWriteTokens,
  Math.round((costUsd ?? 0) * NANO),
  costUsd === null ? 1 : 0,
];

const minus = (a: Amounts, b: Amounts): Amounts => [
  a[0] - b[0],
  a[1] - b[1],
  a[2] - b[2],
  a[3] - b[3],
  a[4] - b[4],
  a[5] - b[5],
  a[6] - b[6],
];

const NOTHING: Amounts = [0, 0, 0, 0, 0, 0, 0];

const utcDay = (at: Instant): string => new Date(at).toISOString().slice(0, 10);

const rowOf = (run: Run) => [run.userId, utcDay(run.createdAt), run.agentId ?? '', run.model ?? ''] as const;

const add = (connection: Connection, run: Run, amounts: Amounts): void => {
  connection.run(
    `INSERT INTO usage (user_id, day, agent_id, model, runs, input_tokens, output_tokens, cache_read_tokens,
       cache_write_tokens, cost_nano, unknown_costs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET
       runs = runs + excluded.runs,
       input_tokens = input_tokens + excluded.input_tokens,
       output_tokens = output_tokens + excluded.output_tokens,
       cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens,
       cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
       cost_nano = cost_nano + excluded.cost_nano,
       unknown_costs = unknown_costs + excluded.unknown_costs`,
    ...rowOf(run),
    ...amounts,
  );
};

/** Takes a change of a run into the sums, inside the transaction that writes it; `before` is null for a new run. */
export const account = (connection: Connection, before: Run | null, after: Run): void => {
  if (before !== null && before.model === after.model) {
    const difference = minus(amountsOf(after), amountsOf(before));
    if (difference.some((amount) => amount !== 0)) add(connection, after, difference);
    return;
  }
  if (before !== null) {
    add(connection, before, minus(NOTHING, amountsOf(before)));
    connection.run(
      'DELETE FROM usage WHERE user_id = ? AND day = ? AND agent_id = ? AND model = ? AND runs = 0',
      ...rowOf(before),
    );
  }
  add(connection, after, amountsOf(after));
};

const TOKEN_SUMS = `
  coalesce(sum(input_tokens), 0) AS input, coalesce(sum(output_tokens), 0) AS output,
  coalesce(sum(cache_read_tokens), 0) AS cache_read, coalesce(sum(cache_write_tokens), 0) AS cache_write`;

const tokenUsage = (row: Row): TokenUsage => ({
  inputTokens: number(row, 'input'),
  outputTokens: number(row, 'output'),
  cacheReadTokens: number(row, 'cache_read'),
  cacheWriteTokens: number(row, 'cache_write'),
});

const COLUMNS: { readonly [Group in UsageGroup]: string } = { day: 'day', agent: 'agent_id', model: 'model' };

/** Sums by group, in the order of the groups' names. */
export const sumUsage = (connection: Connection, query: UsageQuery): UsageSum[] =>
  connection
    .all(
      `SELECT ${COLUMNS[query.groupBy]} AS "group", sum(runs) AS runs, ${TOKEN_SUMS},
         sum(cost_nano) AS cost_nano, sum(unknown_costs) AS unknown_costs
       FROM usage WHERE user_id = ? AND day BETWEEN ? AND ? AND agent_id = coalesce(?, agent_id) GROUP BY 1 ORDER BY 1`,
      query.userId,
      utcDay(query.from),
      utcDay(query.to),
      query.agentId ?? null,
    )
    .map((row) => ({
      group: text(row, 'group'),
      runs: number(row, 'runs'),
      tokenUsage: tokenUsage(row),
      costUsd: number(row, 'unknown_costs') > 0 ? null : number(row, 'cost_nano') / NANO,
    }));

/** The newest run of one agent: the newest of each status, of each user who has runs of it, and the newest of those. */
const NEWEST_RUN = `
  SELECT runs.id, runs.status, runs.created_at FROM (SELECT DISTINCT user_id FROM usage WHERE agent_id = ?1) AS owner
  JOIN (SELECT value AS status FROM json_each('${JSON.stringify(RUN_STATUSES)}')) AS known
  JOIN runs ON runs.id = (
    SELECT id FROM runs WHERE user_id = owner.user_id AND agent_id = ?1 AND status = known.status
    ORDER BY created_at DESC, id DESC LIMIT 1
  )
  ORDER BY runs.created_at DESC, runs.id DESC LIMIT 1`;

/** An agent's newest run and the tokens of all its runs, purged ones included. */
export const totalsOf = (connection: Connection, id: AgentId): AgentTotals => {
  const newest = connection.get(NEWEST_RUN, id);
  const sums = connection.get(`SELECT ${TOKEN_SUMS} FROM usage WHERE agent_id = ?`, id);
  return {
    lastRun:
      newest === null
        ? null
        : { id: runId(newest, 'id'), status: runStatus(newest, 'status'), createdAt: number(newest, 'created_at') },
    tokenUsage: tokenUsage(sums ?? {}),
  };
};
