/** Changes of agents that can be undone. */
import { useQueryClient } from '@tanstack/react-query';
import type { AgentView } from '../../../src/api/agent-schemas.ts';
import { notify, offerUndo } from '../lib/toasts.ts';
import { useWords } from '../words/words.ts';
import { api, keyHeader, messageOf } from './api.ts';
import { agentQuery, agentsQuery } from './queries.ts';

/** Agents that were deleted on this page, and whose deletion may still be undone: nobody has told the server. */
const leaving = new Set<string>();
export const isLeaving = (id: string): boolean => leaving.has(id);

export const useChangeAgent = () => {
  const words = useWords();
  const queries = useQueryClient();
  const fail = (error: unknown): void => notify(messageOf(error), 'bad');
  const refresh = () => queries.invalidateQueries({ queryKey: ['agents'] });

  const setStatus = async (agent: AgentView, status: AgentView['status']): Promise<void> => {
    try {
      const saved = await api().updateAgent(agent.id, { status });
      queries.setQueryData(agentQuery(agent.id).queryKey, saved);
      await refresh();
      notify(status === 'paused' ? words.agents.paused(agent.name) : words.agents.resumed(agent.name));
    } catch (error) {
      fail(error);
    }
  };

  const remove = (agent: AgentView): void => {
    leaving.add(agent.id);
    queries.setQueryData(agentsQuery.queryKey, (known) => known?.filter(({ id }) => id !== agent.id));
    const commit = (): void => {
      // It outlives the page, should that be left meanwhile.
      fetch(`/agents/${agent.id}`, { method: 'DELETE', keepalive: true, headers: keyHeader() })
        .then((answer) => {
          if (!answer.ok && answer.status !== 404) throw new Error(`${agent.name}: ${answer.status}`);
        })
        .catch(fail)
        .finally(() => {
          leaving.delete(agent.id);
          void refresh();
        });
    };
    const undo = (): void => {
      leaving.delete(agent.id);
      void refresh();
    };
    offerUndo(words.agents.deleted(agent.name), commit, undo);
  };

  return { setStatus, remove };
};
