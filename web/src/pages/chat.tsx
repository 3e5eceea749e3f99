import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { TurnInput } from '../../../src/client/client.ts';
import { api, isMissing } from '../data/api.ts';
import { notifyError } from '../data/notify-error.ts';
import { conversationQuery } from '../data/queries.ts';
import { type Saying, useTalk } from '../data/turn.ts';
import { cleanText } from '../lib/ansi.ts';
import { useLanguage } from '../lib/preferences.ts';
import { notify } from '../lib/toasts.ts';
import { buttonClass } from '../parts/button.tsx';
import { AboutAgent, AboutRun } from '../parts/chat/about.tsx';
import { Composer } from '../parts/chat/composer.tsx';
import { History } from '../parts/chat/history.tsx';
import { Bubble, ChatMessage } from '../parts/chat/message.tsx';
import { Proposal } from '../parts/chat/proposal.tsx';
import { Icon } from '../parts/icons.tsx';
import { Markdown } from '../parts/markdown.tsx';
import { Said } from '../parts/said.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { saidOfError } from '../words/said.ts';
import { useWords } from '../words/words.ts';
import { NotFound } from './not-found.tsx';

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The turn that goes on: the message, and the answer as far as it has come. */
const Going = ({ saying }: { readonly saying: Saying }) => {
  const words = useWords();
  const language = useLanguage();
  return (
    <>
      <Bubble by="user">
        <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{cleanText(saying.message)}</p>
      </Bubble>
      {saying.error !== null ? (
        <div role="alert">
          <Said said={saidOfError(saying.error, language)} className="text-bad" />
        </div>
      ) : (
        <Bubble by="assistant">
          {saying.text === '' ? (
            <p className="flex items-center gap-2 text-dim">
              <Icon name="spinner" className="animate-spin" />
              {words.chat.working}
            </p>
          ) : (
            <Markdown text={saying.text} />
          )}
        </Bubble>
      )}
    </>
  );
};

const useProposalActions = (conversationId: string | undefined, seq: number | undefined) => {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const act = async (work: (id: string) => Promise<void>): Promise<void> => {
    if (conversationId === undefined) return;
    setBusy(true);
    try {
      await work(conversationId);
    } catch (error) {
      notifyError(error);
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    save: () =>
      act(async (id) => {
        const agent = await api().saveProposal(id, seq);
        await queries.invalidateQueries({ queryKey: ['agents'] });
        await queries.invalidateQueries({ queryKey: ['conversations'] });
        notify(`${words.chat.created}: ${agent.name}`);
        await navigate({ to: '/agents/$agentId', params: { agentId: agent.id } });
      }),
    tryOnce: () =>
      act(async (id) => {
        const { executionId } = await api().tryProposal(id);
        await navigate({ to: '/runs/$runId', params: { runId: executionId } });
      }),
  };
};

/** The conversation with the designer. */
export const ChatPage = () => {
  const words = useWords();
  const search = useSearch({ from: '/chat' });
  const navigate = useNavigate({ from: '/chat' });
  const { conversation: id, run: runId, agent: agentId } = search;
  const detail = useQuery({ ...conversationQuery(id ?? ''), enabled: id !== undefined });
  const [text, setText] = useState(() => (runId === undefined ? '' : words.chat.fixPrompt(runId.slice(-8))));
  const field = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const onStarted = useCallback(
    (conversation: string) => void navigate({ search: { conversation }, replace: true }),
    [navigate],
  );
  const { saying, say } = useTalk(onStarted);
  const proposal = useProposalActions(id, detail.data?.proposal?.seq);
  const here =
    saying !== null && (saying.conversationId === null || saying.conversationId === (id ?? null)) ? saying : null;
  const messages = detail.data?.messages ?? [];
  // The stream shows what is still pending in the record.
  const shown =
    here === null ? messages : messages.filter(({ status }) => status !== 'pending' && status !== 'waiting');
  const working = here !== null ? here.error === null : detail.data?.activeRunId != null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what makes the conversation longer
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' });
  }, [shown.length, here?.text, detail.data?.proposal]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation
  useEffect(() => {
    field.current?.focus();
  }, [id]);

  const send = (message: string): void => {
    const first: TurnInput = {
      message,
      ...(runId === undefined ? {} : { runId }),
      ...(agentId === undefined ? {} : { agentId }),
      timezone: ZONE,
    };
    setText('');
    void say(id === undefined ? first : { message, conversationId: id, timezone: ZONE });
  };

  if (id !== undefined && isMissing(detail.error)) return <NotFound />;
  return (
    <div className="flex h-full">
      <aside className="hidden w-64 shrink-0 flex-col border-r border-line lg:flex">
        <History current={id} />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex items-center justify-between gap-3 border-b border-line bg-panel px-4 py-2 sm:px-5">
          <h1 className="truncate text-lg font-semibold">
            {detail.data === undefined ? words.chat.title : cleanText(detail.data.title)}
          </h1>
          {id === undefined ? null : (
            <Link to="/chat" className={`${buttonClass()} lg:hidden`}>
              <Icon name="plus" />
              {words.chat.fresh}
            </Link>
          )}
        </header>
        <section
          aria-label={words.chat.title}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="scroll-thin min-h-0 flex-1 overflow-y-auto -outline-offset-2"
        >
          <div className="mx-auto flex max-w-3xl flex-col gap-4 p-4 sm:p-5" aria-live="polite" aria-busy={working}>
            {id !== undefined && detail.isPending && here === null ? <Loading lines={4} /> : null}
            {id !== undefined && detail.isError && detail.data === undefined ? (
              <Failed error={detail.error} onRetry={() => detail.refetch()} />
            ) : null}
            {id === undefined && here === null ? (
              <>
                <Empty icon="chat" title={words.chat.intro} />
                {runId === undefined ? null : <AboutRun runId={runId} />}
                {agentId === undefined ? null : <AboutAgent agentId={agentId} />}
              </>
            ) : null}
            {shown.map((message) => (
              <ChatMessage key={message.seq} message={message} onAgain={send} />
            ))}
            {here === null ? null : <Going saying={here} />}
            {here === null && working ? (
              <p className="flex items-center gap-2 text-dim">
                <Icon name="spinner" className="animate-spin" />
                {words.chat.working}
              </p>
            ) : null}
            {detail.data?.proposal == null || here !== null ? null : (
              <Proposal
                proposal={detail.data.proposal}
                busy={proposal.busy || working}
                onSave={proposal.save}
                onTry={proposal.tryOnce}
                onChange={() => field.current?.focus()}
              />
            )}
            {detail.data?.agent == null ? null : (
              <Link
                to="/agents/$agentId"
                params={{ agentId: detail.data.agent.id }}
                className="self-start font-medium text-accent hover:underline"
              >
                {words.chat.openAgent(cleanText(detail.data.agent.name))}
              </Link>
            )}
            <div ref={end} />
          </div>
        </section>
        {id === undefined ? (
          <div className="max-h-56 overflow-y-auto border-t border-line lg:hidden">
            <History current={id} />
          </div>
        ) : null}
        <Composer field={field} value={text} busy={working} onChange={setText} onSend={() => send(text)} />
      </div>
    </div>
  );
};
