import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { agentsQuery, LIVE_STATUSES, type RunsFilter, TROUBLE_STATUSES } from '../data/queries.ts';
import { Button } from '../parts/button.tsx';
import { Page, PageHeader } from '../parts/panel.tsx';
import { RunList } from '../parts/run-list.tsx';
import { Select } from '../parts/select.tsx';
import { useWords } from '../words/words.ts';

const HOUR_MS = 3_600_000;
const SINCE_MS: Readonly<Record<string, number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
};

const GROUPS: Readonly<Record<string, readonly string[]>> = { live: LIVE_STATUSES, trouble: TROUBLE_STATUSES };

/** All runs, with filters that stand in the address, so that a list can be sent to somebody. */
export const RunsPage = () => {
  const words = useWords();
  const search = useSearch({ from: '/runs' });
  const navigate = useNavigate({ from: '/runs' });
  const agents = useQuery(agentsQuery).data ?? [];
  const { agent = '', status = '', since = '' } = search;
  const filter = useMemo((): RunsFilter => {
    const ms = SINCE_MS[since];
    return {
      ...(agent === '' ? {} : { agentId: agent }),
      ...(status === '' ? {} : { status: GROUPS[status]?.join(',') ?? status }),
      // To the minute, so that the same filter is the same question.
      ...(ms === undefined ? {} : { from: `${new Date(Date.now() - ms).toISOString().slice(0, 16)}:00Z` }),
    };
  }, [agent, status, since]);
  const change = (part: Partial<Record<keyof typeof search, string>>): void => {
    const next = Object.entries({ ...search, ...part }).filter(([, value]) => value !== '');
    void navigate({ search: Object.fromEntries(next), replace: true });
  };
  const { runs, status: names } = words;
  const filtered = agent !== '' || status !== '' || since !== '';
  return (
    <Page wide>
      <PageHeader title={runs.title}>
        <Select
          label={runs.agent}
          value={agent}
          options={[['', runs.allAgents], ...agents.map(({ id, name }) => [id, name] as const)]}
          onChange={(value) => change({ agent: value })}
        />
        <Select
          label={runs.status}
          value={status}
          options={[
            ['', runs.allStatuses],
            ['live', runs.live],
            ['trouble', runs.troubled],
            ...Object.entries(names).map(([value, text]) => [value, text] as const),
          ]}
          onChange={(value) => change({ status: value })}
        />
        <Select
          label={runs.since}
          value={since}
          options={[
            ['', runs.anyTime],
            ['hour', runs.lastHour],
            ['day', runs.lastDay],
            ['week', runs.lastWeek],
            ['month', runs.lastMonth],
          ]}
          onChange={(value) => change({ since: value })}
        />
        {filtered ? (
          <Button kind="quiet" icon="cross" onClick={() => change({ agent: '', status: '', since: '' })}>
            {runs.clear}
          </Button>
        ) : null}
      </PageHeader>
      <div className="overflow-hidden rounded-lg border border-line bg-panel">
        <RunList key={JSON.stringify(filter)} filter={filter} empty={filtered ? runs.noneFound : runs.none} />
      </div>
    </Page>
  );
};
