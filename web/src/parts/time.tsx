import { useFastNow, useSlowNow } from '../lib/clock.ts';
import { formatDuration, formatExact, formatRelative } from '../lib/format.ts';
import { useLanguage } from '../lib/preferences.ts';

/** A time relative to now; the exact one, in the reader's own zone, on hover. */
export const Time = ({ at }: { readonly at: string }) => {
  const language = useLanguage();
  // The tick says when to look again; what has happened since must not seem to lie ahead.
  const now = Math.max(useSlowNow(), Date.now());
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={formatExact(ms, language)} className="whitespace-nowrap">
      {formatRelative(ms, now, language)}
    </time>
  );
};

/** How long something took, or has taken so far. */
export const Duration = ({ from, to }: { readonly from: string | undefined; readonly to: string | undefined }) => {
  const open = from !== undefined && to === undefined;
  const now = useFastNow(open);
  if (from === undefined) return <span className="text-dim">–</span>;
  const end = to === undefined ? now : Date.parse(to);
  return <span className="tabular-nums whitespace-nowrap">{formatDuration(end - Date.parse(from))}</span>;
};
