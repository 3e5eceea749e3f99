import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { agentsQuery, type RunsFilter, runsQuery } from '../data/queries.ts';
import { useWords } from '../words/words.ts';
import { RunRow, RunRowHeads } from './run-row.tsx';
import { Empty, Failed, Loading } from './states.tsx';

const ROW_PX = 44;
/** Rows left to see when the next page is asked for. */
const AHEAD = 30;

/** The names of the user's agents by id. */
export const useAgentNames = (): ReadonlyMap<string, string> => {
  const { data } = useQuery(agentsQuery);
  return useMemo(() => new Map((data ?? []).map(({ id, name }) => [id, name])), [data]);
};

interface RunListProps {
  readonly filter: RunsFilter;
  /** What is said when there is no run. */
  readonly empty: string;
  readonly withAgent?: boolean;
}

/** Runs, newest first, as many as there are: pages are fetched, and rows made, as they come into sight. */
export const RunList = ({ filter, empty, withAgent = true }: RunListProps) => {
  const words = useWords();
  const names = useAgentNames();
  const query = useInfiniteQuery(runsQuery(filter));
  const runs = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data]);
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  // Where the list begins inside of what scrolls.
  useEffect(() => setTop(box.current?.offsetTop ?? 0), []);
  const virtualizer = useVirtualizer({
    count: runs.length,
    getScrollElement: () => document.getElementById('main'),
    estimateSize: () => ROW_PX,
    getItemKey: (index) => runs[index]?.id ?? index,
    overscan: 12,
    scrollMargin: top,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (last >= runs.length - AHEAD && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, runs.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (query.isPending) return <Loading lines={8} />;
  if (query.isError && runs.length === 0) return <Failed error={query.error} onRetry={() => query.refetch()} />;
  if (runs.length === 0) return <Empty icon="runs" title={empty} />;
  return (
    <>
      <RunRowHeads />
      <div ref={box}>
        <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const run = runs[item.index];
            if (run === undefined) return null;
            const name = withAgent && run.agentId !== undefined ? (names.get(run.agentId) ?? null) : null;
            return (
              <li
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${item.start - top}px)` }}
              >
                <RunRow run={run} agentName={name} />
              </li>
            );
          })}
        </ul>
        <p className="p-3 text-center text-xs text-dim">{hasNextPage ? words.runs.more : words.runs.end}</p>
      </div>
    </>
  );
};
