import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { UsageView } from '../../../src/api/system-schemas.ts';
import { usageQuery } from '../data/queries.ts';
import { formatCount, formatMoney } from '../lib/format.ts';
import { useLanguage } from '../lib/preferences.ts';
import { lastDays, type Series } from '../lib/series.ts';
import { useWords } from '../words/words.ts';
import { BarChart } from './bar-chart.tsx';
import { Button } from './button.tsx';
import { Panel } from './panel.tsx';
import { useAgentNames } from './run-list.tsx';
import { Empty, Failed, Loading } from './states.tsx';

/** Agents with a colour of their own; the rest is one series. */
const MOST_SERIES = 5;

type Sum = UsageView['data'][number];
type Measure = 'cost' | 'tokens';

export const tokensIn = ({ tokenUsage }: Pick<Sum, 'tokenUsage'>): number =>
  tokenUsage.inputTokens + tokenUsage.outputTokens + tokenUsage.cacheWriteTokens;

const amountOf = (sum: Sum, measure: Measure): number => (measure === 'cost' ? (sum.costUsd ?? 0) : tokensIn(sum));

const byDay = (days: readonly string[], data: readonly Sum[], measure: Measure): readonly number[] => {
  const sums = new Map(data.map((sum) => [sum.group, amountOf(sum, measure)]));
  return days.map((day) => sums.get(day) ?? 0);
};

/** Cost or tokens a day of the last `count` days, by agent: the dearest each for themselves, the others together. */
export const UsageChart = ({ count }: { readonly count: number }) => {
  const words = useWords();
  const language = useLanguage();
  const names = useAgentNames();
  const [wanted, setMeasure] = useState<Measure | null>(null);
  const days = lastDays(count, Date.now());
  const from = days[0] ?? '';
  const all = useQuery(usageQuery({ from, groupBy: 'day' }));
  const agents = useQuery(usageQuery({ from, groupBy: 'agent' }));
  // Where nothing has a price, as with the demo model, tokens say more than a row of zeros.
  const measure = wanted ?? ((all.data?.total.costUsd ?? 0) > 0 ? 'cost' : 'tokens');
  const top = (agents.data?.data ?? [])
    .filter((sum) => sum.group !== null && amountOf(sum, measure) > 0)
    .toSorted((a, b) => amountOf(b, measure) - amountOf(a, measure))
    .slice(0, MOST_SERIES)
    .flatMap(({ group }) => (group === null ? [] : [group]));
  const single = useQueries({ queries: top.map((agentId) => usageQuery({ from, groupBy: 'day', agentId })) });
  const series = top.map(
    (id, index): Series => ({
      name: names.get(id) ?? words.agents.gone,
      values: byDay(days, single[index]?.data?.data ?? [], measure),
    }),
  );
  const whole = byDay(days, all.data?.data ?? [], measure);
  const rest = whole.map((value, day) =>
    Math.max(0, value - series.reduce((sum, one) => sum + (one.values[day] ?? 0), 0)),
  );
  // With few agents, what is left over has none.
  const restName = top.length < MOST_SERIES ? words.home.withoutAgent : words.home.others;
  const others = rest.some((value) => value > 1e-9) ? [{ name: restName, values: rest }] : [];
  const format = (value: number) => (measure === 'cost' ? formatMoney(value, language) : formatCount(value, language));
  const title = `${measure === 'cost' ? words.usage.cost : words.usage.tokens}, ${words.usage.days(count)}, ${words.home.byAgent}`;
  return (
    <Panel
      title={title}
      aside={
        <span className="flex">
          {(['cost', 'tokens'] as const).map((one) => (
            <Button
              key={one}
              kind="quiet"
              aria-pressed={measure === one}
              onClick={() => setMeasure(one)}
              className="aria-pressed:text-accent"
            >
              {words.usage[one]}
            </Button>
          ))}
        </span>
      }
    >
      {all.isPending ? (
        <Loading lines={4} />
      ) : all.isError ? (
        <Failed error={all.error} onRetry={() => all.refetch()} />
      ) : whole.every((value) => value === 0) ? (
        <Empty icon="usage" title={words.usage.none} />
      ) : (
        <BarChart label={title} days={days} series={[...series, ...others]} format={format} />
      )}
    </Panel>
  );
};
