import { useQuery } from '@tanstack/react-query';
import type { ReadyView } from '../../../../src/api/system-schemas.ts';
import { readyQuery } from '../../data/queries.ts';
import { useLanguage } from '../../lib/preferences.ts';
import { translate } from '../../words/said.ts';
import { useWords } from '../../words/words.ts';
import { Icon, type IconName } from '../icons.tsx';
import { Failed, Loading } from '../states.tsx';

const LOOKS: Readonly<Record<'ok' | 'degraded' | 'missing', { icon: IconName; tone: string }>> = {
  ok: { icon: 'check', tone: 'text-good' },
  degraded: { icon: 'alert', tone: 'text-warn' },
  missing: { icon: 'cross', tone: 'text-bad' },
};

const Findings = ({ findings }: { readonly findings: ReadyView['findings'] }) => {
  const words = useWords();
  const language = useLanguage();
  return (
    <ul>
      {findings.map(({ part, status, detail, mend, matters, without }) => (
        <li key={part} className="flex gap-3 border-b border-line px-3.5 py-2">
          <span className={`mt-0.5 ${LOOKS[status].tone}`}>
            <Icon name={LOOKS[status].icon} />
          </span>
          <div className="min-w-0 flex-1">
            <p>
              <span className="font-medium">{translate(part, language)}</span>{' '}
              <span className={`text-xs ${LOOKS[status].tone}`}>{words.settings.finding[status]}</span>
            </p>
            {detail === undefined ? null : (
              <p lang="en" className="text-dim [overflow-wrap:anywhere]">
                {detail}
              </p>
            )}
            {matters === undefined ? null : (
              <p lang="en" className="text-dim">
                {matters}
              </p>
            )}
            {without === undefined ? null : (
              <p className="text-dim">
                {words.settings.without} <span lang="en">{without}</span>
              </p>
            )}
            {mend === undefined ? null : (
              <p className="mt-0.5">
                {words.settings.mend}{' '}
                <code className="rounded bg-raised px-1.5 py-0.5 font-mono text-xs [overflow-wrap:anywhere]">
                  {mend}
                </code>
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
};

/** What was found when each part that a run needs was tried: what is wrong, and folded away what is well. */
export const Health = () => {
  const words = useWords();
  const ready = useQuery(readyQuery);
  if (ready.isPending) return <Loading lines={4} />;
  if (ready.isError) return <Failed error={ready.error} onRetry={() => ready.refetch()} />;
  const { findings } = ready.data;
  const wrong = findings.filter(({ status }) => status !== 'ok');
  return (
    <div>
      <p
        className={`flex items-center gap-2 border-b border-line px-3.5 py-2.5 font-medium ${ready.data.ready ? 'text-good' : 'text-bad'}`}
      >
        <Icon name={ready.data.ready ? 'check' : 'alert'} />
        {ready.data.ready ? words.settings.ready : words.settings.notReady}
      </p>
      <Findings findings={wrong} />
      <details className="border-b border-line last:border-b-0">
        <summary className="px-3.5 py-2.5 text-dim hover:text-ink">
          {words.settings.passed(findings.length - wrong.length)}
        </summary>
        <Findings findings={findings.filter(({ status }) => status === 'ok')} />
      </details>
      {findings.every(({ detail }) => detail === undefined) ? (
        <p className="px-3.5 py-2 text-xs text-dim">{words.settings.hidden}</p>
      ) : null}
    </div>
  );
};
