import { Link } from '@tanstack/react-router';
import { ruleIn } from '../../lib/tool-call.ts';
import { useWords } from '../../words/words.ts';
import { CopyButton } from '../copy-button.tsx';
import { Icon } from '../icons.tsx';

interface DenialProps {
  /** What was not allowed, as a sentence. */
  readonly text: string;
  readonly hint: string;
  readonly agentId: string | undefined;
}

/** What was not allowed, and the setting that would allow it. */
export const Denial = ({ text, hint, agentId }: DenialProps) => {
  const words = useWords();
  const rule = ruleIn(hint);
  return (
    <div className="rounded-md border border-warn/40 bg-warn/8 px-3 py-2">
      <p className="flex items-center gap-2 font-medium text-warn">
        <Icon name="lock" />
        {text}
      </p>
      {rule === null ? (
        <p className="mt-1 text-dim [overflow-wrap:anywhere]">{hint}</p>
      ) : (
        <div className="mt-1 flex flex-wrap items-center gap-x-2">
          <span className="text-dim">{words.run.allowWith}</span>
          <code className="rounded bg-raised px-1.5 py-0.5 font-mono text-xs">{rule}</code>
          <CopyButton text={rule} label={`${words.actions.copy}: ${rule}`} />
        </div>
      )}
      {agentId === undefined ? null : (
        <Link
          to="/agents/$agentId"
          params={{ agentId }}
          search={{ tab: 'settings' }}
          className="mt-1 inline-block font-medium text-accent hover:underline"
        >
          {words.run.openSettings}
        </Link>
      )}
    </div>
  );
};
