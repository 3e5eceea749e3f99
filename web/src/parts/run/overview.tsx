import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RunView } from '../../../../src/api/run-schemas.ts';
import type { Feed } from '../../data/run-feed.ts';
import { cleanText } from '../../lib/ansi.ts';
import { useWords } from '../../words/words.ts';
import { CopyButton } from '../copy-button.tsx';
import { Panel } from '../panel.tsx';
import { Duration, Time } from '../time.tsx';
import { Limits, Tokens } from './numbers.tsx';
import { Waterfall } from './waterfall.tsx';

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className="flex justify-between gap-4">
    <dt className="shrink-0 text-dim">{name}</dt>
    <dd className="min-w-0 truncate text-right">{children}</dd>
  </div>
);

const Details = ({ run }: { readonly run: RunView }) => {
  const words = useWords();
  return (
    <dl className="flex flex-col gap-1.5 px-3.5 py-3">
      {run.stopReason === undefined ? null : <Fact name={words.run.stopReason}>{words.stop[run.stopReason]}</Fact>}
      <Fact name={words.run.model}>{run.model === null ? '–' : cleanText(run.model)}</Fact>
      <Fact name={words.run.trigger}>{words.trigger[run.trigger.kind]}</Fact>
      <Fact name={words.run.duration}>
        <Duration from={run.startedAt} to={run.endedAt} />
      </Fact>
      <Fact name={words.run.created}>
        <Time at={run.createdAt} />
      </Fact>
      {run.startedAt === undefined ? null : (
        <Fact name={words.run.started}>
          <Time at={run.startedAt} />
        </Fact>
      )}
      {run.endedAt === undefined ? null : (
        <Fact name={words.run.ended}>
          <Time at={run.endedAt} />
        </Fact>
      )}
      <Fact name={words.run.attempt}>{run.attempt}</Fact>
      <Fact name={words.run.executor}>{run.executor}</Fact>
      {run.retryOf === undefined ? null : (
        <Fact name={words.run.retryOf}>
          <Link
            to="/runs/$runId"
            params={{ runId: run.retryOf }}
            className="font-mono text-xs text-accent hover:underline"
          >
            …{run.retryOf.slice(-8)}
          </Link>
        </Fact>
      )}
      <div className="flex items-center justify-between gap-2">
        <dt className="sr-only">{words.run.copyId}</dt>
        <dd className="flex min-w-0 flex-1 items-center justify-between gap-1">
          <code className="truncate font-mono text-xs text-dim">{run.id}</code>
          <CopyButton text={run.id} label={words.run.copyId} />
        </dd>
      </div>
    </dl>
  );
};

/** What there is to know about a run besides its transcript. */
export const Overview = ({ run, feed }: { readonly run: RunView; readonly feed: Feed }) => {
  const words = useWords();
  return (
    <div className="flex flex-col gap-3">
      <Panel title={words.run.phases}>
        <Waterfall spans={feed.spans} over={feed.over} />
      </Panel>
      <Panel title={words.run.usage}>
        <Tokens run={run} feed={feed} />
      </Panel>
      <Panel title={words.run.limits}>
        <Limits run={run} feed={feed} />
      </Panel>
      <Panel title={words.run.details}>
        <Details run={run} />
      </Panel>
    </div>
  );
};
