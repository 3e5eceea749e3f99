import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AgentView } from '../../../../src/api/agent-schemas.ts';
import type { AgentInput } from '../../../../src/client/client.ts';
import { ProblemError } from '../../../../src/client/http.ts';
import { api } from '../../data/api.ts';
import { agentQuery } from '../../data/queries.ts';
import { notify } from '../../lib/toasts.ts';
import { useWords } from '../../words/words.ts';
import { Button } from '../button.tsx';
import { draftOf } from './draft.ts';
import { AgentForm } from './form.tsx';

/** The settings of an agent that exists: a change by somebody else in the meantime is said, never overwritten unseen. */
export const AgentSettings = ({ agent }: { readonly agent: AgentView }) => {
  const words = useWords();
  const queries = useQueryClient();
  const [base, setBase] = useState(agent);
  const [stale, setStale] = useState<AgentInput | null>(null);

  const save = async (body: AgentInput, revision: number | undefined): Promise<void> => {
    // Whether it is paused is no field of this form.
    const { status: _, ...change } = body;
    const saved = await api().updateAgent(agent.id, change, revision);
    queries.setQueryData(agentQuery(agent.id).queryKey, saved);
    void queries.invalidateQueries({ queryKey: ['agents'] });
    setStale(null);
    setBase(saved);
    notify(words.form.saved);
  };
  const submit = async (body: AgentInput): Promise<void> => {
    try {
      await save(body, base.revision);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 412) throw error;
      setStale(body);
    }
  };
  const loadTheirs = async (): Promise<void> => {
    setBase(await api().readAgent(agent.id));
    setStale(null);
  };
  return (
    <AgentForm
      key={base.revision}
      initial={draftOf(base)}
      submitLabel={words.actions.save}
      onSubmit={submit}
      aside={
        stale === null ? null : (
          <div role="alert" className="flex flex-wrap items-center gap-2 text-warn">
            <span>{words.form.stale}</span>
            <Button onClick={loadTheirs}>{words.form.loadTheirs}</Button>
            <Button onClick={() => save(stale, undefined)}>{words.form.saveOver}</Button>
          </div>
        )
      }
    />
  );
};
