import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { lastingApi } from '../../data/api.ts';
import { conversationsQuery } from '../../data/queries.ts';
import { removeLater } from '../../data/remove-later.ts';
import { cleanText } from '../../lib/ansi.ts';
import { useWords } from '../../words/words.ts';
import { buttonClass, IconButton } from '../button.tsx';
import { Icon } from '../icons.tsx';
import { Failed, Loading } from '../states.tsx';
import { Time } from '../time.tsx';

/** Earlier conversations, the latest touched first. */
export const History = ({ current }: { readonly current: string | undefined }) => {
  const words = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const list = useQuery(conversationsQuery);
  const refresh = () => queries.invalidateQueries({ queryKey: conversationsQuery.queryKey, exact: true });
  const remove = (id: string): void => {
    queries.setQueryData(conversationsQuery.queryKey, (known) => known?.filter((one) => one.id !== id));
    if (id === current) void navigate({ to: '/chat' });
    removeLater({ id, text: words.chat.deleted, commit: () => lastingApi().deleteConversation(id), refresh });
  };
  return (
    <nav aria-label={words.chat.history} className="flex min-h-0 flex-1 flex-col">
      <div className="p-3">
        <Link to="/chat" className={`${buttonClass()} w-full`}>
          <Icon name="plus" />
          {words.chat.fresh}
        </Link>
      </div>
      {list.isPending ? <Loading /> : null}
      {list.isError && list.data === undefined ? <Failed error={list.error} onRetry={() => list.refetch()} /> : null}
      {list.data?.length === 0 ? <p className="px-4 py-2 text-dim">{words.chat.none}</p> : null}
      <ul className="scroll-thin min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        {(list.data ?? []).map((conversation) => (
          <li key={conversation.id} className="group relative">
            <Link
              to="/chat"
              search={{ conversation: conversation.id }}
              data-row
              aria-current={conversation.id === current ? 'page' : undefined}
              className="row-hover flex flex-col rounded-md px-2.5 py-1.5 pr-10 -outline-offset-2 aria-[current=page]:bg-raised"
            >
              <span className="truncate">{cleanText(conversation.title)}</span>
              <span className="text-xs text-dim">
                <Time at={conversation.updatedAt} />
              </span>
            </Link>
            <span className="absolute top-1.5 right-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100">
              <IconButton
                icon="trash"
                label={`${words.actions.remove}: ${cleanText(conversation.title)}`}
                onClick={() => remove(conversation.id)}
              />
            </span>
          </li>
        ))}
      </ul>
    </nav>
  );
};
