import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AgentView } from '../../../src/api/agent-schemas.ts';
import type { RunView } from '../../../src/api/run-schemas.ts';
import { agentsQuery, LIVE_STATUSES, newestRunsQuery, TROUBLE_STATUSES } from '../data/queries.ts';
import { buttonClass } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { Page, PageHeader, Panel } from '../parts/panel.tsx';
import { useAgentNames } from '../parts/run-list.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { Status } from '../parts/status.tsx';
import { Duration, Time } from '../parts/time.tsx';
import { UsageChart } from '../parts/usage-charts.tsx';
import { useWords } from '../words/words.ts';

const WEEK_MS = 7 * 86_400_000;
const SHOWN = 6;

/** To the hour, so that the question stays the same for a while. */
const aWeekAgo = (): string => `${new Date(Date.now() - WEEK_MS).toISOString().slice(0, 13)}:00:00Z`;

interface RunLineProps {
  readonly run: RunView;
  readonly name: string | undefined;
}

const reasonOf = (run: RunView, denied: (count: number) => string): string | undefined =>
  run.error?.message ?? (run.permissionDenials.length > 0 ? denied(run.permissionDenials.length) : undefined);

const RunLine = ({ run, name }: RunLineProps) => {
  const words = useWords();
  const live = LIVE_STATUSES.some((status) => status === run.status);
  const reason = live ? undefined : reasonOf(run, words.home.denied);
  return (
    <li>
      <Link
        to="/runs/$runId"
        params={{ runId: run.id }}
        preload={false}
        data-row
        className="row-hover grid grid-cols-[auto_1fr_auto] items-center gap-x-3 border-b border-line px-3.5 py-2 -outline-offset-2"
      >
        <span className="flex">
          <Status status={run.status} compact />
        </span>
        <span className="min-w-0">
          <span className="block truncate">
            <span className="font-medium">{name ?? run.title}</span>
          </span>
          {reason === undefined ? null : <span className="block truncate text-xs text-dim">{reason}</span>}
        </span>
        <span className="text-xs text-dim">
          {live ? <Duration from={run.startedAt ?? run.createdAt} to={undefined} /> : <Time at={run.createdAt} />}
        </span>
      </Link>
    </li>
  );
};

const Lines = ({ query, empty }: { readonly query: ReturnType<typeof useRuns>; readonly empty: string }) => {
  const names = useAgentNames();
  if (query.isPending) return <Loading />;
  if (query.isError) return <Failed error={query.error} onRetry={() => query.refetch()} />;
  if (query.data.length === 0) return <Empty icon="check" title={empty} />;
  return (
    <ul className="[&>li:last-child>a]:border-b-0">
      {query.data.slice(0, SHOWN).map((run) => (
        <RunLine key={run.id} run={run} name={run.agentId === undefined ? undefined : names.get(run.agentId)} />
      ))}
    </ul>
  );
};

const useRuns = (statuses: readonly string[], from?: string) =>
  useQuery(newestRunsQuery({ status: statuses.join(','), ...(from === undefined ? {} : { from }) }, SHOWN));

/** Runs that ended badly, and those that ended well but were not allowed something. */
const useTrouble = () => {
  const from = aWeekAgo();
  const bad = useRuns(TROUBLE_STATUSES, from);
  const good = useQuery(newestRunsQuery({ status: 'succeeded', from }, 100));
  const denied = (good.data ?? []).filter((run) => run.permissionDenials.length > 0);
  const both = [...(bad.data ?? []), ...denied].toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return bad.isSuccess ? { ...bad, data: both } : bad;
};

const Firings = ({ agents }: { readonly agents: readonly AgentView[] }) => {
  const words = useWords();
  const next = agents
    .flatMap((agent) => (agent.nextFireAt === undefined ? [] : [{ agent, at: agent.nextFireAt }]))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, SHOWN);
  if (next.length === 0) return <Empty icon="clock" title={words.home.nextNone} />;
  return (
    <ul>
      {next.map(({ agent, at }) => (
        <li key={agent.id}>
          <Link
            to="/agents/$agentId"
            params={{ agentId: agent.id }}
            data-row
            className="row-hover flex items-center justify-between gap-3 border-b border-line px-3.5 py-2 -outline-offset-2"
          >
            <span className="truncate font-medium">{agent.name}</span>
            <span className="text-xs text-dim">
              <Time at={at} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
};

const Welcome = () => {
  const words = useWords();
  return (
    <section className="mb-4 rounded-lg border border-line bg-panel p-6">
      <h2 className="text-lg font-semibold">{words.home.welcome}</h2>
      <p className="mt-1 max-w-2xl text-dim">{words.home.welcomeText}</p>
      <div className="mt-4 flex flex-wrap gap-2">
        <Link to="/chat" className={buttonClass('primary')}>
          <Icon name="chat" />
          {words.home.start}
        </Link>
        <Link to="/agents/new" className={buttonClass()}>
          <Icon name="plus" />
          {words.actions.newAgent}
        </Link>
      </div>
    </section>
  );
};

const More = ({ status }: { readonly status: 'trouble' | 'live' }) => (
  <Link to="/runs" search={{ status }} className="text-xs font-medium text-accent hover:underline">
    {useWords().actions.more}
  </Link>
);

/** What needs somebody, what goes on, what comes next, and what it costs. */
export const HomePage = () => {
  const words = useWords();
  const trouble = useTrouble();
  const running = useRuns(LIVE_STATUSES);
  const agents = useQuery(agentsQuery);
  return (
    <Page wide>
      <PageHeader title={words.pages.home}>
        <Link to="/agents/new" className={buttonClass()}>
          <Icon name="plus" />
          {words.actions.newAgent}
        </Link>
      </PageHeader>
      {agents.data?.length === 0 ? <Welcome /> : null}
      <div className="grid gap-4 lg:grid-cols-2 xl:grid-cols-3">
        <Panel title={words.home.attention} aside={<More status="trouble" />}>
          <Lines query={trouble} empty={words.home.attentionNone} />
        </Panel>
        <Panel title={words.home.running} aside={<More status="live" />}>
          <Lines query={running} empty={words.home.runningNone} />
        </Panel>
        <Panel title={words.home.next} className="lg:max-xl:col-span-2">
          {agents.isPending ? (
            <Loading />
          ) : agents.isError ? (
            <Failed error={agents.error} />
          ) : (
            <Firings agents={agents.data} />
          )}
        </Panel>
        <div className="lg:col-span-2 xl:col-span-3">
          <UsageChart count={30} />
        </div>
      </div>
    </Page>
  );
};
