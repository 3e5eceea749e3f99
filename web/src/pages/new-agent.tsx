import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { AgentInput } from '../../../src/client/client.ts';
import { api } from '../data/api.ts';
import { meQuery } from '../data/queries.ts';
import { emptyDraft } from '../parts/agent-form/draft.ts';
import { AgentForm } from '../parts/agent-form/form.tsx';
import { Page, PageHeader } from '../parts/panel.tsx';
import { Loading } from '../parts/states.tsx';
import { useWords } from '../words/words.ts';

/** A new agent by hand. */
export const NewAgentPage = () => {
  const words = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const me = useQuery(meQuery);
  const create = async (body: AgentInput): Promise<void> => {
    const agent = await api().createAgent(body);
    await queries.invalidateQueries({ queryKey: ['agents'] });
    await navigate({ to: '/agents/$agentId', params: { agentId: agent.id } });
  };
  return (
    <Page>
      <PageHeader title={words.actions.newAgent} />
      <div className="max-w-4xl rounded-lg border border-line bg-panel">
        {me.data === undefined ? (
          <Loading lines={8} />
        ) : (
          <AgentForm initial={emptyDraft(me.data.defaults)} submitLabel={words.form.create} onSubmit={create} />
        )}
      </div>
    </Page>
  );
};
