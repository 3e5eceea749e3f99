import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import type { AgentRevisionView, AgentView } from '../../../src/api/agent-schemas.ts';
import { changeBackTo, changesBetween } from '../../../src/client/agent-changes.ts';
import { api } from '../data/api.ts';
import { notifyError } from '../data/notify-error.ts';
import { agentQuery, revisionsQuery } from '../data/queries.ts';
import { notify } from '../lib/toasts.ts';
import { useWords } from '../words/words.ts';
import { Button } from './button.tsx';
import { FieldChange } from './field-change.tsx';
import { Failed, Loading } from './states.tsx';
import { Time } from './time.tsx';

interface RevisionProps {
  readonly agent: AgentView;
  readonly revision: AgentRevisionView;
  /** The one before; undefined while it is not loaded, or when this is the first. */
  readonly before: AgentRevisionView | undefined;
}

const useRestore = (agent: AgentView) => {
  const words = useWords();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (revision: AgentRevisionView) => api().updateAgent(agent.id, changeBackTo(revision), agent.revision),
    onSuccess: (saved, { revision }) => {
      queries.setQueryData(agentQuery(agent.id).queryKey, saved);
      notify(words.agents.restored(revision, saved.revision));
    },
    onError: notifyError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['agents'] }),
  });
};

const Changes = ({ revision, before }: Pick<RevisionProps, 'revision' | 'before'>) => {
  const words = useWords();
  if (revision.revision === 1) return <p className="text-dim">{words.agents.firstRevision}</p>;
  if (before === undefined) return null;
  const changes = changesBetween(before, revision);
  if (changes.length === 0) return <p className="text-dim">{words.agents.unchanged}</p>;
  return (
    <div className="flex flex-col gap-2">
      {changes.map((change) => (
        <FieldChange key={change.field} {...change} />
      ))}
    </div>
  );
};

const Revision = ({ agent, revision, before }: RevisionProps) => {
  const words = useWords();
  const restore = useRestore(agent);
  const current = revision.revision === agent.revision;
  return (
    <li className="border-b border-line px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 pb-2">
        <h3 className="font-medium">{words.agents.revision(revision.revision)}</h3>
        {current ? (
          <span className="rounded bg-accent/10 px-1.5 text-xs font-medium text-accent">{words.agents.current}</span>
        ) : null}
        <span className="text-xs text-dim">
          <Time at={revision.updatedAt} />
        </span>
        {current ? null : (
          <Button
            icon="retry"
            className="ml-auto"
            aria-label={words.agents.restoreThis(revision.revision)}
            disabled={restore.isPending}
            onClick={() => restore.mutate(revision)}
          >
            {words.agents.restore}
          </Button>
        )}
      </div>
      <Changes revision={revision} before={before} />
    </li>
  );
};

/** How an agent came to be what it is: each revision with what it changed, and the way back to it. */
export const Revisions = ({ agent }: { readonly agent: AgentView }) => {
  const words = useWords();
  const query = useInfiniteQuery(revisionsQuery(agent.id));
  if (query.isPending) return <Loading lines={6} />;
  if (query.isError) return <Failed error={query.error} onRetry={() => query.refetch()} />;
  const revisions = query.data.pages.flatMap(({ data }) => data);
  return (
    <>
      <ol>
        {revisions.map((revision, index) => (
          <Revision key={revision.revision} agent={agent} revision={revision} before={revisions[index + 1]} />
        ))}
      </ol>
      {query.hasNextPage ? (
        <div className="border-t border-line px-4 py-3 sm:px-5">
          <Button disabled={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
            {words.agents.earlier}
          </Button>
        </div>
      ) : null}
    </>
  );
};
