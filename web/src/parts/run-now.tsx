import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import type { AgentView } from '../../../src/api/agent-schemas.ts';
import { api, messageOf } from '../data/api.ts';
import { notify } from '../lib/toasts.ts';
import { useWords } from '../words/words.ts';
import { buttonClass } from './button.tsx';
import { Dialog } from './dialog.tsx';

/** Runs an agent at once, with words for this run alone if there are any. */
export const RunNow = ({ agent, onClose }: { readonly agent: AgentView; readonly onClose: () => void }) => {
  const words = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const id = useId();
  const [input, setInput] = useState('');
  const [busy, setBusy] = useState(false);
  // One key a dialog: sent twice, it is one run.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const { executionId } = await api().runAgent(agent.id, input === '' ? {} : { input }, { idempotencyKey });
      void queries.invalidateQueries({ queryKey: ['runs'] });
      onClose();
      await navigate({ to: '/runs/$runId', params: { runId: executionId } });
    } catch (error) {
      notify(messageOf(error), 'bad');
      setBusy(false);
    }
  };
  return (
    <Dialog title={`${words.actions.runNow}: ${agent.name}`} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-2 p-4">
        <label htmlFor={id} className="font-medium">
          {words.agents.input}
        </label>
        <textarea
          id={id}
          rows={4}
          value={input}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setInput(event.target.value)}
          className="rounded-md border border-strong-line bg-bg px-2.5 py-1.5"
        />
        <p id={`${id}-hint`} className="text-xs text-dim">
          {words.agents.inputHint}
        </p>
        <div className="mt-2 flex justify-end">
          <button type="submit" disabled={busy} className={buttonClass('primary')}>
            {words.actions.runNow}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
