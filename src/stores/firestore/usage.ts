/**
 * Usage sums. A run that is open carries its own usage; with its end, in the same commit, it goes into the sums of its
 * user, day, agent and model, so that a run costs one write here however often it is metered. Who reads adds the two, at
 * one instant. Costs are whole nanodollars: sums of floating-point differences would drift.
 */
import { createHash } from 'node:crypto';
import { FieldValue } from '@google-cloud/firestore';
import type { AgentTotals } from '../../core/agent.ts';
import type { AgentId, Instant } from '../../core/ids.ts';
import { isTerminal, type Run } from '../../core/run.ts';
import type { TokenUsage } from '../../core/usage.ts';
import type { UsageGroup, UsageQuery, UsageSum } from '../../ports/run-store.ts';
import { number, numbers, runId, runStatus, text } from './codec.ts';
import type { Change, Connection, Fields } from './connection.ts';

const NANO = 1e9;

/**
 * A document takes about one write a second for long; so many documents share a sum, and so many runs of one agent and
 * model can end in a second.
 */
const SHARDS = 8;

/** What runs add to a sum, in the order of `NAMES`. */
const NAMES = ['runs', 'input', 'output', 'cacheRead', 'cacheWrite', 'costNano', 'unknownCosts'] as const;
type Amounts = readonly number[];

export const amountsOf = ({ tokenUsage, costUsd }: Run): Amounts => [
  1,
  tokenUsage.inputTokens,
  tokenUsage.outputTokens,
  tokenUsage.cacheReadTokens,
  tokenUsage.cacheWriteTokens,
  Math.round((costUsd ?? 0) * NANO),
  costUsd === null ? 1 : 0,
];

const plus = (a: Amounts, b: Amounts): Amounts => a.map((amount, index) => amount + (b[index] ?? 0));
const minus = (a: Amounts, b: Amounts): Amounts => a.map((amount, index) => amount - (b[index] ?? 0));
const NOTHING: Amounts = NAMES.map(() => 0);

const utcDay = (at: Instant): string => new Date(at).toISOString().slice(0, 10);

const keyOf = (run: Run) => ({
  userId: run.userId,
  day: utcDay(run.createdAt),
  agentId: run.agentId ?? '',
  model: run.model ?? '',
});

const add = (run: Run, amounts: Amounts): Change[] => {
  if (amounts.every((amount) => amount === 0)) return [];
  const key = keyOf(run);
  const digest = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 32);
  const shard = Number.parseInt(digest(run.id).slice(0, 2), 16) % SHARDS;
  const sums = NAMES.map((name, index) => [name, FieldValue.increment(amounts[index] ?? 0)] as const);
  return [
    {
      kind: 'merge',
      path: `usage/${digest(JSON.stringify(Object.values(key)))}-${shard}`,
      fields: { ...key, ...Object.fromEntries(sums) },
    },
  ];
};

/** The changes that take a change of a run into the sums, for the commit that writes it; `before` is null for a new run. */
export const account = (before: Run | null, after: Run): Change[] => {
  const was = before !== null && isTerminal(before) ? before : null;
  const is = isTerminal(after) ? after : null;
  if (was !== null && is !== null && was.model === is.model) return add(is, minus(amountsOf(is), amountsOf(was)));
  return [
    ...(was === null ? [] : add(was, minus(NOTHING, amountsOf(was)))),
    ...(is === null ? [] : add(is, amountsOf(is))),
  ];
};

/** One part of the sums: a document of them, or a run that is open. */
interface Part {
  readonly day: string;
  readonly agent: string;
  readonly model: string;
  readonly amounts: Amounts;
}

const partOfSum = (fields: Fields): Part => ({
  day: text(fields, 'day'),
  agent: text(fields, 'agentId'),
  model: text(fields, 'model'),
  amounts: NAMES.map((name) => number(fields, name)),
});

const OPEN_FIELDS = ['createdAt', 'agentId', 'model', 'amounts'];

const partOfRun = (fields: Fields): Part => ({
  day: utcDay(number(fields, 'createdAt')),
  agent: typeof fields.agentId === 'string' ? fields.agentId : '',
  model: text(fields, 'model'),
  amounts: numbers(fields, 'amounts'),
});

const total = (parts: readonly Part[]): Amounts => parts.map((part) => part.amounts).reduce(plus, NOTHING);

const tokenUsage = (sum: Amounts): TokenUsage => ({
  inputTokens: sum[1] ?? 0,
  outputTokens: sum[2] ?? 0,
  cacheReadTokens: sum[3] ?? 0,
  cacheWriteTokens: sum[4] ?? 0,
});

const GROUPS: { readonly [Group in UsageGroup]: (part: Part) => string } = {
  day: (part) => part.day,
  agent: (part) => part.agent,
  model: (part) => part.model,
};

/** Sums by group, in the order of the groups' names. */
export const sumUsage = async (connection: Connection, query: UsageQuery): Promise<UsageSum[]> => {
  const [from, to] = [utcDay(query.from), utcDay(query.to)];
  const parts = await connection.snapshot(async (reader) => {
    const owner = [
      ['userId', '==', query.userId],
      ...(query.agentId === undefined ? [] : ([['agentId', '==', query.agentId]] as const)),
    ] as const;
    const sums = await reader.find({
      collection: 'usage',
      where: [...owner, ['day', '>=', from], ['day', '<=', to]],
      orderBy: [['day', 'asc']],
    });
    const open = await reader.find({
      collection: 'runs',
      where: [...owner, ['open', '==', true]],
      fields: OPEN_FIELDS,
    });
    const ofRuns = open.map(({ fields }) => partOfRun(fields)).filter(({ day }) => from <= day && day <= to);
    return [...sums.map(({ fields }) => partOfSum(fields)), ...ofRuns];
  });
  const groups = Map.groupBy(parts, GROUPS[query.groupBy]);
  return [...groups]
    .map(([group, members]) => ({ group, sum: total(members) }))
    .filter(({ sum }) => sum[0] !== 0)
    .sort((a, b) => (a.group < b.group ? -1 : 1))
    .map(({ group, sum }) => ({
      group,
      runs: sum[0] ?? 0,
      tokenUsage: tokenUsage(sum),
      costUsd: (sum[6] ?? 0) > 0 ? null : (sum[5] ?? 0) / NANO,
    }));
};

/** An agent's newest run and the tokens of all its runs, purged ones included. */
export const totalsOf = (connection: Connection, id: AgentId): Promise<AgentTotals> =>
  connection.snapshot(async (reader) => {
    const sums = await reader.find({ collection: 'usage', where: [['agentId', '==', id]] });
    const open = await reader.find({
      collection: 'runs',
      where: [
        ['agentId', '==', id],
        ['open', '==', true],
      ],
      fields: OPEN_FIELDS,
    });
    const [newest] = await reader.find({
      collection: 'runs',
      where: [['agentId', '==', id]],
      orderBy: [['createdAt', 'desc']],
      limit: 1,
      fields: ['status', 'createdAt'],
    });
    const parts = [...sums.map(({ fields }) => partOfSum(fields)), ...open.map(({ fields }) => partOfRun(fields))];
    return {
      lastRun:
        newest === undefined
          ? null
          : { id: runId(newest), status: runStatus(newest.fields), createdAt: number(newest.fields, 'createdAt') },
      tokenUsage: tokenUsage(total(parts)),
    };
  });
