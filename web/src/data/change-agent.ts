/** Changes of agents that can be undone. */

import { useQueryClient } from '@tanstack/react-query';
import type { AgentView } from '../../../src/api/agent-schemas.ts';
import { notify } from '../lib/toasts.ts';
import { useWords } from '../words/words.ts';
import { api, lastingApi } from './api.ts';
import { notifyError } from './notify-error.ts';
import { agentQuery, agentsQuery } from './queries.ts';
import { removeLater } from './remove-later.ts';

export const useChangeAgent = () => {
  const words = useWords();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['agents'] });

  const setStatus = async (agent: AgentView, status: AgentView['status']): Promise<void> => {
    try {
      const saved = await api().updateAgent(agent.id, { status });
      queries.setQueryData(agentQuery(agent.id).queryKey, saved);
      await refresh();
      notify(status === 'paused' ? words.agents.paused(agent.name) : words.agents.resumed(agent.name));
    } catch (error) {
      notifyError(error);
    }
  };

  const remove = (agent: AgentView): void => {
    queries.setQueryData(agentsQuery.queryKey, (known) => known?.filter(({ id }) => id !== agent.id));
    const commit = () => lastingApi().deleteAgent(agent.id);
    removeLater({ id: agent.id, text: words.agents.deleted(agent.name), commit, refresh });
  };

  return { setStatus, remove };
};
