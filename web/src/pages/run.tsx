import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { RunView } from '../../../src/api/run-schemas.ts';
import { api, isMissing } from '../data/api.ts';
import { useReachable } from '../data/connection.ts';
import { notifyError } from '../data/notify-error.ts';
import { agentQuery, isLiveStatus, runQuery } from '../data/queries.ts';
import { type Feed, useRunFeed } from '../data/run-feed.ts';
import { cleanText } from '../lib/ansi.ts';
import { formatWhole } from '../lib/format.ts';
import { useLanguage } from '../lib/preferences.ts';
import { Button, buttonClass } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { Files } from '../parts/run/files.tsx';
import { Overview } from '../parts/run/overview.tsx';
import { Task } from '../parts/run/task.tsx';
import { TranscriptView } from '../parts/run/transcript-view.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { useWords } from '../words/words.ts';
import { NotFound } from './not-found.tsx';

const Actions = ({ run }: { readonly run: RunView }) => {
  const words = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const cancel = useMutation({
    mutationFn: () => api().cancelRun(run.id),
    onSuccess: (next) => queries.setQueryData(runQuery(run.id).queryKey, next),
    onError: notifyError,
  });
  const retry = useMutation({
    mutationFn: () => api().retryRun(run.id, { idempotencyKey: crypto.randomUUID() }),
    onSuccess: (next) => navigate({ to: '/runs/$runId', params: { runId: next.id } }),
    onError: notifyError,
  });
  if (isLiveStatus(run.status)) {
    const asked = run.cancelRequestedAt !== undefined || cancel.isPending;
    return (
      <Button
        kind="danger"
        icon="stop"
        disabled={asked}
        title={asked ? words.run.cancelRequested : undefined}
        onClick={() => cancel.mutate()}
      >
        {asked ? words.actions.cancelling : words.actions.cancel}
      </Button>
    );
  }
  return (
    <>
      {run.status === 'succeeded' && run.permissionDenials.length === 0 ? null : (
        <Link to="/chat" search={{ run: run.id }} className={buttonClass()}>
          <Icon name="wand" />
          {words.actions.fix}
        </Link>
      )}
      {run.status === 'skipped' ? null : (
        <Button kind="primary" icon="retry" disabled={retry.isPending} onClick={() => retry.mutate()}>
          {words.actions.retry}
        </Button>
      )}
    </>
  );
};

const ConnectionMark = ({ feed, onNow }: { readonly feed: Feed; readonly onNow: () => void }) => {
  const { run, states } = useWords();
  const { connection } = feed;
  // A stream may stand, and say nothing, when nothing else gets through: then it is not known to be live.
  const reachable = useReachable();
  const standing = connection.kind === 'live' && !feed.over;
  return (
    <span role="status" className="inline-flex items-center">
      {standing && !reachable ? (
        <span title={states.offline} className="inline-flex items-center gap-1.5 text-xs font-medium text-warn">
          <Icon name="alert" className="size-3" />
          {run.offline}
        </span>
      ) : null}
      {standing && reachable ? (
        <span className="inline-flex items-center gap-1.5 text-xs font-medium text-good">
          <span className="size-1.5 animate-pulse rounded-full bg-good" />
          {run.live}
        </span>
      ) : null}
      {connection.kind === 'reconnecting' ? (
        <button
          type="button"
          onClick={onNow}
          title={run.reconnectingIn(Math.ceil(connection.inMs / 1_000))}
          className="inline-flex items-center gap-1.5 text-xs font-medium text-warn"
        >
          <Icon name="spinner" className="size-3 animate-spin" />
          {run.reconnecting}
        </button>
      ) : null}
    </span>
  );
};

const Title = ({ run }: { readonly run: RunView }) => {
  const agent = useQuery({ ...agentQuery(run.agentId ?? ''), enabled: run.agentId !== undefined, retry: false });
  const words = useWords();
  return (
    <div className="min-w-0 flex-1 max-sm:basis-full">
      <p className="flex items-center gap-1.5 text-xs text-dim">
        <Link to="/runs" className="hover:text-ink">
          {words.pages.runs}
        </Link>
        {agent.data === undefined ? null : (
          <>
            <Icon name="chevron" className="size-3" />
            <Link to="/agents/$agentId" params={{ agentId: agent.data.id }} className="truncate hover:text-ink">
              {agent.data.name}
            </Link>
          </>
        )}
      </p>
      <h1 className="truncate text-lg font-semibold" title={cleanText(run.title)}>
        {cleanText(run.title)}
      </h1>
    </div>
  );
};

type TabName = 'transcript' | 'files' | 'task' | 'overview';

const ShownRun = ({ run, feed }: { readonly run: RunView; readonly feed: Feed }) => {
  const words = useWords();
  const language = useLanguage();
  const queries = useQueryClient();
  const [tab, setTab] = useState<TabName>('transcript');
  const over = !isLiveStatus(run.status);
  // The stream knows the end before the next look at the record would.
  useEffect(() => {
    if (feed.over && !over) void queries.invalidateQueries({ queryKey: ['runs'] });
  }, [feed.over, over, queries]);
  const tabs = [
    {
      name: 'transcript',
      text: words.run.transcript,
      aside: <span className="text-xs font-normal text-dim tabular-nums">{formatWhole(feed.lastSeq, language)}</span>,
    },
    { name: 'files', text: words.run.files },
    { name: 'task', text: words.run.task },
    { name: 'overview', text: words.run.overview, narrowOnly: true },
  ] as const;
  return (
    <div className="flex h-full flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-panel px-4 py-2.5 sm:px-5">
        <Title run={run} />
        <ConnectionMark feed={feed} onNow={() => location.reload()} />
        <Status status={run.status} />
        <div className="flex gap-2">
          <Actions run={run} />
        </div>
      </header>
      <div className="grid min-h-0 flex-1 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-h-0 min-w-0 flex-col bg-panel">
          <Tabs tabs={tabs} current={tab} onChange={setTab} label={words.run.title}>
            {tab === 'transcript' ? <TranscriptView feed={feed} run={run} /> : null}
            {tab === 'transcript' ? null : (
              <div className="scroll-thin min-h-0 flex-1 overflow-y-auto">
                {tab === 'files' ? <Files runId={run.id} over={over} /> : null}
                {tab === 'task' ? <Task runId={run.id} /> : null}
                {tab === 'overview' ? (
                  <div className="p-3">
                    <Overview run={run} feed={feed} />
                  </div>
                ) : null}
              </div>
            )}
          </Tabs>
        </div>
        <aside
          aria-label={words.run.overview}
          className="scroll-thin hidden min-h-0 overflow-y-auto border-l border-line p-3 lg:block"
        >
          <Overview run={run} feed={feed} />
        </aside>
      </div>
    </div>
  );
};

/** The record and the events are asked for at once: neither waits for the other. */
const KnownRun = ({ runId }: { readonly runId: string }) => {
  const run = useQuery(runQuery(runId));
  const feed = useRunFeed(runId);
  if (run.data !== undefined) return <ShownRun run={run.data} feed={feed} />;
  if (isMissing(run.error)) return <NotFound />;
  if (run.isError) return <Failed error={run.error} onRetry={() => run.refetch()} />;
  return <Loading lines={8} />;
};

/** One run, as it goes on or as it went. */
export const RunPage = () => {
  const { runId } = useParams({ from: '/runs/$runId' });
  return <KnownRun key={runId} runId={runId} />;
};
