import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { agentQuery, runQuery } from '../../data/queries.ts';
import { cleanText } from '../../lib/ansi.ts';
import { useLanguage } from '../../lib/preferences.ts';
import { saidOfFailure } from '../../words/said.ts';
import { useWords } from '../../words/words.ts';
import { Icon } from '../icons.tsx';
import { Said } from '../said.tsx';
import { Status } from '../status.tsx';

const CARD = 'rounded-xl border border-line bg-panel px-4 py-3';

/** The run that the conversation will be about: how it ended, which the designer is told as well. */
export const AboutRun = ({ runId }: { readonly runId: string }) => {
  const words = useWords();
  const language = useLanguage();
  const { data: run } = useQuery(runQuery(runId));
  if (run === undefined) return null;
  const denied = run.permissionDenials.length;
  return (
    <section aria-label={words.chat.about} className={CARD}>
      <p className="text-xs font-medium text-dim">{words.chat.about}</p>
      <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
        <Status status={run.status} />
        <Link
          to="/runs/$runId"
          params={{ runId }}
          className="min-w-0 flex-1 truncate font-medium text-accent hover:underline"
        >
          {cleanText(run.title)}
        </Link>
      </div>
      {run.error === undefined ? null : (
        <div className="mt-1">
          <Said said={saidOfFailure(run.error, language)} className="text-dim" />
        </div>
      )}
      {denied === 0 ? null : <p className="mt-1 text-warn">{words.home.denied(denied)}</p>}
    </section>
  );
};

/** The agent that the conversation will be about. */
export const AboutAgent = ({ agentId }: { readonly agentId: string }) => {
  const words = useWords();
  const { data: agent } = useQuery(agentQuery(agentId));
  if (agent === undefined) return null;
  return (
    <section aria-label={words.chat.about} className={CARD}>
      <p className="text-xs font-medium text-dim">{words.chat.about}</p>
      <Link
        to="/agents/$agentId"
        params={{ agentId }}
        className="mt-1 flex items-center gap-2 font-medium text-accent hover:underline"
      >
        <Icon name="agents" />
        {cleanText(agent.name)}
      </Link>
    </section>
  );
};
