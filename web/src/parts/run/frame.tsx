import type { ReactNode } from 'react';
import { formatClock, formatExact } from '../../lib/format.ts';
import { useLanguage } from '../../lib/preferences.ts';
import { Icon, type IconName } from '../icons.tsx';

interface FrameProps {
  readonly icon: IconName;
  readonly tone?: string;
  readonly at: string;
  readonly head: ReactNode;
  readonly children?: ReactNode;
}

/** One item of a transcript: a sign, a head with the time, and what belongs to it. */
export const Frame = ({ icon, tone = 'text-dim', at, head, children }: FrameProps) => {
  const language = useLanguage();
  const ms = Date.parse(at);
  return (
    <div className="flex gap-3 px-4 py-1.5 sm:px-5">
      <span className={`mt-0.5 ${tone}`}>
        <Icon name={icon} />
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline justify-between gap-3">
          <div className="min-w-0 flex-1">{head}</div>
          <time dateTime={at} title={formatExact(ms, language)} className="shrink-0 text-xs text-dim tabular-nums">
            {formatClock(ms, language)}
          </time>
        </div>
        {children === undefined ? null : <div className="mt-1.5">{children}</div>}
      </div>
    </div>
  );
};
