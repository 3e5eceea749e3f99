import { Link } from '@tanstack/react-router';
import type { RunView } from '../../../src/api/run-schemas.ts';
import { formatCount, formatMoney } from '../lib/format.ts';
import { useLanguage } from '../lib/preferences.ts';
import { useWords } from '../words/words.ts';
import { Icon } from './icons.tsx';
import { Status } from './status.tsx';
import { Duration, Time } from './time.tsx';

interface RunRowProps {
  readonly run: RunView;
  /** Name of its agent; null when it has none, or when the row stands on the agent's own page. */
  readonly agentName: string | null;
}

/** Tokens that were paid for anew: what came from the cache is left out. */
export const tokensOf = ({ tokenUsage }: RunView): number =>
  tokenUsage.inputTokens + tokenUsage.outputTokens + tokenUsage.cacheWriteTokens;

const Denials = ({ count }: { readonly count: number }) => {
  const words = useWords();
  if (count === 0) return null;
  return (
    <span className="inline-flex shrink-0 items-center gap-1 rounded bg-warn/10 px-1.5 text-xs font-medium text-warn">
      <Icon name="lock" className="size-3" />
      {words.home.denied(count)}
    </span>
  );
};

/** One run as a line, and a link to it. */
export const RunRow = ({ run, agentName }: RunRowProps) => {
  const words = useWords();
  const language = useLanguage();
  return (
    <Link
      to="/runs/$runId"
      params={{ runId: run.id }}
      preload={false}
      data-row
      className="row-hover grid grid-cols-[auto_1fr_auto] items-center gap-x-3 border-b border-line px-3.5 py-2 -outline-offset-2 md:h-11 md:grid-cols-[7.5rem_minmax(0,1fr)_5.5rem_5rem_4.5rem_4.5rem_6.5rem] md:py-0"
    >
      <span className="flex md:hidden">
        <Status status={run.status} compact />
      </span>
      <span className="flex max-md:hidden">
        <Status status={run.status} />
      </span>
      <span className="flex min-w-0 items-center gap-2">
        {agentName === null ? null : <span className="max-w-[45%] shrink-0 truncate font-medium">{agentName}</span>}
        <span className={`truncate ${agentName === null ? '' : 'text-dim'}`}>{run.title}</span>
        <Denials count={run.permissionDenials.length} />
      </span>
      <span className="truncate text-dim max-md:hidden">{words.trigger[run.trigger.kind]}</span>
      <span className="text-right text-dim max-md:hidden">
        <Duration from={run.startedAt} to={run.endedAt} />
      </span>
      <span className="text-right text-dim tabular-nums max-md:hidden">{formatCount(tokensOf(run), language)}</span>
      <span className="text-right text-dim tabular-nums max-md:hidden">{formatMoney(run.costUsd, language)}</span>
      <span className="text-right text-dim max-md:text-xs">
        <Time at={run.createdAt} />
      </span>
    </Link>
  );
};

/** The heads of the columns, for the wide form of the rows. */
export const RunRowHeads = () => {
  const words = useWords();
  const { columns } = words.runs;
  return (
    <div className="hidden grid-cols-[7.5rem_minmax(0,1fr)_5.5rem_5rem_4.5rem_4.5rem_6.5rem] gap-x-3 border-b border-line px-3.5 py-2 text-xs font-medium text-dim md:grid">
      <span>{words.runs.status}</span>
      <span>{columns.run}</span>
      <span>{columns.trigger}</span>
      <span className="text-right">{columns.duration}</span>
      <span className="text-right">{columns.tokens}</span>
      <span className="text-right">{columns.cost}</span>
      <span className="text-right">{columns.created}</span>
    </div>
  );
};
