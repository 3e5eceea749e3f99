import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import type { RunView } from '../../../../src/api/run-schemas.ts';
import { isLiveStatus } from '../../data/queries.ts';
import type { Feed } from '../../data/run-feed.ts';
import type { Item } from '../../lib/transcript.ts';
import { useWords } from '../../words/words.ts';
import { Button } from '../button.tsx';
import { Failed, Loading } from '../states.tsx';
import { TranscriptItem, WritingItem } from './item.tsx';
import { Opened } from './opened.ts';

/** About how high an item will be; the real height is measured once it is in sight. */
const HEIGHTS: { readonly [Kind in Item['kind']]: number } = {
  message: 90,
  thinking: 33,
  tool: 120,
  denied: 110,
  session: 33,
  log: 33,
  file: 33,
  truncated: 33,
  stopping: 33,
  skipped: 33,
  preparing: 33,
  refused: 110,
  end: 120,
};

const NEAR_PX = 48;

/** Says new items to whoever hears the page. */
const Announcer = ({ heard }: { readonly heard: Item | null }) => {
  const words = useWords();
  const text =
    heard === null
      ? ''
      : heard.kind === 'message'
        ? words.run.announceMessage(heard.text.slice(0, 300))
        : heard.kind === 'tool'
          ? words.run.announceTool(heard.name)
          : heard.kind === 'end'
            ? words.run.announceEnd(words.stop[heard.end.data.stopReason])
            : heard.kind === 'denied'
              ? words.run.deniedText(heard.tool)
              : '';
  return (
    <p role="log" aria-live="polite" className="sr-only" data-testid="announcer">
      {text}
    </p>
  );
};

/** The events of a run, however many: only those in sight exist. While the run goes on it stays at the newest. */
export const TranscriptView = ({ feed, run }: { readonly feed: Feed; readonly run: RunView }) => {
  const words = useWords();
  const box = useRef<HTMLElement>(null);
  const [opened] = useState(() => new Map<string, boolean>());
  const [following, setFollowing] = useState(() => isLiveStatus(run.status));
  const { items, writing, connection } = feed;
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => HEIGHTS[items[index]?.kind ?? 'log'],
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: 6,
  });
  const height = virtualizer.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what makes the list longer
  useLayoutEffect(() => {
    const element = box.current;
    if (following && element !== null) element.scrollTop = element.scrollHeight;
  }, [following, height, writing]);

  const onScroll = (): void => {
    const element = box.current;
    if (element === null) return;
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    if (near && !feed.over && !following) setFollowing(true);
  };
  const leave = (): void => {
    if (following) setFollowing(false);
  };

  if (connection.kind === 'failed' && items.length === 0) return <Failed error={connection.error} />;
  if (connection.kind === 'connecting' && items.length === 0) return <Loading lines={6} />;
  return (
    <div className="relative min-h-0 flex-1">
      <Announcer heard={feed.heard} />
      <section
        ref={box}
        aria-label={words.run.transcript}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
        onWheel={(event) => {
          if (event.deltaY < 0) leave();
        }}
        onTouchMove={leave}
        onKeyDown={(event) => {
          if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) leave();
        }}
        className="scroll-thin h-full overflow-y-auto py-2 -outline-offset-2"
      >
        <Opened value={opened}>
          <ol className="relative" style={{ height }}>
            {virtualizer.getVirtualItems().map((row) => {
              const item = items[row.index];
              return item === undefined ? null : (
                <li
                  key={row.key}
                  ref={virtualizer.measureElement}
                  data-index={row.index}
                  aria-posinset={row.index + 1}
                  aria-setsize={items.length}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <TranscriptItem item={item} agentId={run.agentId} over={feed.over} />
                </li>
              );
            })}
          </ol>
          {writing === null ? null : <WritingItem writing={writing} />}
          {items.length === 0 && writing === null ? (
            <p className="px-5 py-3 text-dim">{run.status === 'queued' ? words.run.queued : words.run.waiting}</p>
          ) : null}
        </Opened>
      </section>
      {following || feed.over ? null : (
        <Button
          icon="down"
          onClick={() => setFollowing(true)}
          className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-md"
        >
          {words.run.newest}
        </Button>
      )}
    </div>
  );
};
