import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { usageQuery } from '../data/queries.ts';
import { formatCount, formatDay, formatMoney, formatWhole } from '../lib/format.ts';
import { useLanguage } from '../lib/preferences.ts';
import { lastDays } from '../lib/series.ts';
import { Page, PageHeader, Panel } from '../parts/panel.tsx';
import { useAgentNames } from '../parts/run-list.tsx';
import { Select } from '../parts/select.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { tokensIn, UsageChart } from '../parts/usage-charts.tsx';
import { useWords } from '../words/words.ts';

const RANGES = [7, 30, 90] as const;
type Group = 'day' | 'agent' | 'model';

const Sums = ({ from, groupBy }: { readonly from: string; readonly groupBy: Group }) => {
  const words = useWords();
  const language = useLanguage();
  const names = useAgentNames();
  const usage = useQuery(usageQuery({ from, groupBy }));
  if (usage.isPending) return <Loading />;
  if (usage.isError) return <Failed error={usage.error} onRetry={() => usage.refetch()} />;
  const { data, total } = usage.data;
  if (data.length === 0) return <Empty icon="usage" title={words.usage.none} />;
  const nameOf = (group: string | null): string => {
    if (groupBy === 'day') return group === null ? '–' : formatDay(group, language);
    if (groupBy === 'model') return group ?? words.usage.unknownModel;
    return group === null ? words.home.withoutAgent : (names.get(group) ?? words.agents.gone);
  };
  const rows = groupBy === 'day' ? data.toReversed() : data.toSorted((a, b) => tokensIn(b) - tokensIn(a));
  const cells = (sum: typeof total) => (
    <>
      <td className="px-3.5 py-2 text-right">{formatWhole(sum.runs, language)}</td>
      <td className="px-3.5 py-2 text-right max-sm:hidden">{formatCount(sum.tokenUsage.inputTokens, language)}</td>
      <td className="px-3.5 py-2 text-right max-sm:hidden">{formatCount(sum.tokenUsage.outputTokens, language)}</td>
      <td className="px-3.5 py-2 text-right max-md:hidden">{formatCount(sum.tokenUsage.cacheReadTokens, language)}</td>
      <td className="px-3.5 py-2 text-right">{formatMoney(sum.costUsd, language)}</td>
    </>
  );
  return (
    <table className="w-full tabular-nums">
      <thead>
        <tr className="border-b border-line text-xs text-dim [&>th]:px-3.5 [&>th]:py-2 [&>th]:font-medium">
          <th className="text-left">{words.usage[groupBy]}</th>
          <th className="text-right">{words.usage.runs}</th>
          <th className="text-right max-sm:hidden">{words.run.inputTokens}</th>
          <th className="text-right max-sm:hidden">{words.run.outputTokens}</th>
          <th className="text-right max-md:hidden">{words.run.cacheRead}</th>
          <th className="text-right">{words.usage.cost}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((sum) => (
          <tr key={sum.group ?? ''} className="row-hover border-b border-line">
            <th scope="row" className="max-w-64 truncate px-3.5 py-2 text-left font-normal">
              {nameOf(sum.group)}
            </th>
            {cells(sum)}
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr className="font-semibold">
          <th scope="row" className="px-3.5 py-2 text-left">
            {words.usage.total}
          </th>
          {cells(total)}
        </tr>
      </tfoot>
    </table>
  );
};

/** What was used: over time, and by day, agent or model. */
export const UsagePage = () => {
  const words = useWords();
  const [range, setRange] = useState('30');
  const [groupBy, setGroupBy] = useState<Group>('agent');
  const count = Number(range);
  return (
    <Page>
      <PageHeader title={words.usage.title}>
        <Select
          label={words.usage.range}
          value={range}
          options={RANGES.map((days) => [String(days), words.usage.days(days)] as const)}
          onChange={setRange}
        />
      </PageHeader>
      <div className="flex flex-col gap-4">
        <UsageChart count={count} />
        <Panel
          title={words.usage.total}
          aside={
            <Select
              label={words.usage.sums}
              value={groupBy}
              options={[
                ['day', words.usage.byDay],
                ['agent', words.usage.byAgent],
                ['model', words.usage.byModel],
              ]}
              onChange={setGroupBy}
            />
          }
        >
          <Sums from={lastDays(count, Date.now())[0] ?? ''} groupBy={groupBy} />
        </Panel>
      </div>
    </Page>
  );
};
