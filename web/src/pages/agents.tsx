import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AgentView } from '../../../src/api/agent-schemas.ts';
import { agentsQuery, newestRunsQuery } from '../data/queries.ts';
import { formatCount } from '../lib/format.ts';
import { useLanguage } from '../lib/preferences.ts';
import { buttonClass } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { Page, PageHeader } from '../parts/panel.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { Sparkline, Status } from '../parts/status.tsx';
import { Time } from '../parts/time.tsx';
import { useWords } from '../words/words.ts';

const SPARKLINE_RUNS = 20;
/** Agents whose last runs are fetched for a drawing; the others show their last run alone. */
const MOST_SPARKLINES = 50;

const History = ({ agentId }: { readonly agentId: string }) => {
  const runs = useQuery(newestRunsQuery({ agentId }, SPARKLINE_RUNS));
  return runs.data === undefined || runs.data.length === 0 ? null : <Sparkline runs={runs.data} />;
};

const COLUMNS = 'md:grid-cols-[minmax(0,1fr)_12rem_8rem_8rem_5rem]';

const Row = ({ agent, drawn }: { readonly agent: AgentView; readonly drawn: boolean }) => {
  const words = useWords();
  const language = useLanguage();
  const { inputTokens, outputTokens, cacheWriteTokens } = agent.totalTokenUsage;
  return (
    <li>
      <Link
        to="/agents/$agentId"
        params={{ agentId: agent.id }}
        data-row
        className={`row-hover grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 border-b border-line px-3.5 py-2.5 -outline-offset-2 ${COLUMNS}`}
      >
        <span className="flex min-w-0 items-center gap-2">
          <span className="truncate font-medium">{agent.name}</span>
          {agent.status === 'paused' ? (
            <span className="inline-flex items-center gap-1 rounded bg-raised px-1.5 text-xs text-dim">
              <Icon name="pause" className="size-3" />
              {words.agentStatus.paused}
            </span>
          ) : null}
        </span>
        <span className="flex items-center gap-2 text-xs text-dim">
          {agent.lastRun === null ? (
            words.agents.never
          ) : (
            <>
              <Status status={agent.lastRun.status} />
              <Time at={agent.lastRun.createdAt} />
            </>
          )}
        </span>
        <span className="max-md:hidden">{drawn ? <History agentId={agent.id} /> : null}</span>
        <span className="text-xs text-dim">
          {agent.nextFireAt === undefined ? words.agents.noSchedule : <Time at={agent.nextFireAt} />}
        </span>
        <span className="text-right text-dim tabular-nums max-md:hidden">
          {formatCount(inputTokens + outputTokens + cacheWriteTokens, language)}
        </span>
      </Link>
    </li>
  );
};

/** All agents: how they did last, how they have been doing, and when they run next. */
export const AgentsPage = () => {
  const words = useWords();
  const agents = useQuery(agentsQuery);
  const { columns } = words.agents;
  const shown = agents.data ?? [];
  return (
    <Page wide>
      <PageHeader title={words.agents.title}>
        <Link to="/chat" className={buttonClass()}>
          <Icon name="chat" />
          {words.home.start}
        </Link>
        <Link to="/agents/new" className={buttonClass('primary')}>
          <Icon name="plus" />
          {words.actions.newAgent}
        </Link>
      </PageHeader>
      <div className="overflow-hidden rounded-lg border border-line bg-panel">
        {agents.isPending ? (
          <Loading lines={6} />
        ) : agents.isError && shown.length === 0 ? (
          <Failed error={agents.error} onRetry={() => agents.refetch()} />
        ) : shown.length === 0 ? (
          <Empty icon="agents" title={words.agents.none}>
            <p className="max-w-md text-dim">{words.agents.noneText}</p>
          </Empty>
        ) : (
          <>
            <div
              className={`hidden gap-x-4 border-b border-line px-3.5 py-2 text-xs font-medium text-dim md:grid ${COLUMNS}`}
            >
              <span>{columns.name}</span>
              <span>{columns.last}</span>
              <span>{columns.history}</span>
              <span>{columns.next}</span>
              <span className="text-right">{columns.tokens}</span>
            </div>
            <ul className="[&>li:last-child>a]:border-b-0">
              {shown.map((agent, index) => (
                <Row key={agent.id} agent={agent} drawn={index < MOST_SPARKLINES} />
              ))}
            </ul>
          </>
        )}
      </div>
    </Page>
  );
};
