import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { AgentView } from '../../../src/api/agent-schemas.ts';
import { isMissing } from '../data/api.ts';
import { useChangeAgent } from '../data/change-agent.ts';
import { agentQuery, newestRunsQuery } from '../data/queries.ts';
import { Button, buttonClass } from '../parts/button.tsx';
import { Icon } from '../parts/icons.tsx';
import { Page, PageHeader } from '../parts/panel.tsx';
import { RunList } from '../parts/run-list.tsx';
import { RunNow } from '../parts/run-now.tsx';
import { Failed, Loading } from '../parts/states.tsx';
import { Sparkline } from '../parts/status.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { Time } from '../parts/time.tsx';
import { useWords } from '../words/words.ts';
import { NotFound } from './not-found.tsx';

/** With the schemas, which weigh more than the rest of the page: only who opens it waits for it. */
const AgentSettings = lazy(async () => ({ default: (await import('../parts/agent-form/settings.tsx')).AgentSettings }));

const Actions = ({ agent }: { readonly agent: AgentView }) => {
  const words = useWords();
  const navigate = useNavigate();
  const { setStatus, remove } = useChangeAgent();
  const [running, setRunning] = useState(false);
  const paused = agent.status === 'paused';
  return (
    <>
      <Link to="/chat" search={{ agent: agent.id }} className={buttonClass()}>
        <Icon name="chat" />
        {words.chat.change}
      </Link>
      <Button icon={paused ? 'runs' : 'pause'} onClick={() => setStatus(agent, paused ? 'active' : 'paused')}>
        {paused ? words.actions.resume : words.actions.pause}
      </Button>
      <Button
        kind="danger"
        icon="trash"
        onClick={() => {
          remove(agent);
          void navigate({ to: '/agents' });
        }}
      >
        {words.actions.remove}
      </Button>
      <Button kind="primary" icon="runs" onClick={() => setRunning(true)}>
        {words.actions.runNow}
      </Button>
      {running ? <RunNow agent={agent} onClose={() => setRunning(false)} /> : null}
    </>
  );
};

const Summary = ({ agent }: { readonly agent: AgentView }) => {
  const words = useWords();
  const runs = useQuery(newestRunsQuery({ agentId: agent.id }, 20));
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-6 gap-y-2 text-dim">
      {agent.schedule === undefined ? (
        <span>{words.agents.noSchedule}</span>
      ) : (
        <span className="inline-flex items-center gap-1.5">
          <Icon name="clock" />
          <code className="font-mono text-xs">{agent.schedule.cron}</code>
          {agent.schedule.timezone}
          {agent.nextFireAt === undefined ? null : (
            <span>
              · <Time at={agent.nextFireAt} />
            </span>
          )}
        </span>
      )}
      {agent.status === 'paused' ? <span className="font-medium text-warn">{words.agentStatus.paused}</span> : null}
      {runs.data === undefined || runs.data.length === 0 ? null : <Sparkline runs={runs.data} />}
    </div>
  );
};

/** One agent: its runs and its settings. */
export const AgentPage = () => {
  const words = useWords();
  const { agentId } = useParams({ from: '/agents/$agentId' });
  const { tab = 'runs' } = useSearch({ from: '/agents/$agentId' });
  const navigate = useNavigate({ from: '/agents/$agentId' });
  const query = useQuery(agentQuery(agentId));
  const agent = query.data;
  if (isMissing(query.error)) return <NotFound />;
  if (agent === undefined) {
    return query.isError ? <Failed error={query.error} onRetry={() => query.refetch()} /> : <Loading lines={8} />;
  }
  return (
    <Page wide>
      <PageHeader
        title={agent.name}
        above={
          <p className="text-xs text-dim">
            <Link to="/agents" className="hover:text-ink">
              {words.agents.title}
            </Link>
          </p>
        }
      >
        <Actions key={agent.id} agent={agent} />
      </PageHeader>
      <Summary agent={agent} />
      <div className="rounded-lg border border-line bg-panel">
        <Tabs
          label={agent.name}
          current={tab}
          onChange={(name) => navigate({ search: name === 'settings' ? { tab: 'settings' } : {}, replace: true })}
          tabs={[
            { name: 'runs', text: words.agents.runs },
            { name: 'settings', text: words.agents.settings },
          ]}
        >
          {tab === 'runs' ? (
            <RunList key={agentId} filter={{ agentId }} empty={words.agents.never} withAgent={false} />
          ) : (
            <Suspense fallback={<Loading lines={8} />}>
              <AgentSettings key={agentId} agent={agent} />
            </Suspense>
          )}
        </Tabs>
      </div>
    </Page>
  );
};
