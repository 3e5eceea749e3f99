import type { RunView } from '../../../src/api/run-schemas.ts';
import { useWords } from '../words/words.ts';
import { Icon, type IconName } from './icons.tsx';

export type RunStatus = RunView['status'];

const LOOKS: { readonly [Status in RunStatus]: { readonly icon: IconName; readonly tone: string } } = {
  queued: { icon: 'clock', tone: 'text-dim' },
  starting: { icon: 'spinner', tone: 'text-accent' },
  running: { icon: 'spinner', tone: 'text-accent' },
  succeeded: { icon: 'check', tone: 'text-good' },
  failed: { icon: 'cross', tone: 'text-bad' },
  timed_out: { icon: 'clock', tone: 'text-warn' },
  cancelled: { icon: 'stop', tone: 'text-dim' },
  skipped: { icon: 'skip', tone: 'text-warn' },
};

/** The status by sign, colour and word, never by colour alone. */
export const Status = ({ status, compact = false }: { readonly status: RunStatus; readonly compact?: boolean }) => {
  const words = useWords();
  const { icon, tone } = LOOKS[status];
  const spins = icon === 'spinner' ? 'animate-spin' : '';
  return (
    <span className={`inline-flex items-center gap-1.5 text-sm font-medium ${tone}`} title={words.status[status]}>
      <Icon name={icon} className={spins} />
      <span className={compact ? 'sr-only' : 'whitespace-nowrap'}>{words.status[status]}</span>
    </span>
  );
};

const BARS: { readonly [Status in RunStatus]: string } = {
  queued: 'fill-dim',
  starting: 'fill-accent',
  running: 'fill-accent',
  succeeded: 'fill-good',
  failed: 'fill-bad',
  timed_out: 'fill-warn',
  cancelled: 'fill-dim',
  skipped: 'fill-warn',
};

const SLOTS = 20;

const lengthOf = (run: RunView): number =>
  run.startedAt === undefined || run.endedAt === undefined ? 0 : Date.parse(run.endedAt) - Date.parse(run.startedAt);

/** The last runs as bars, oldest first: colour says how they ended, height how long they took. */
export const Sparkline = ({ runs }: { readonly runs: readonly RunView[] }) => {
  const words = useWords();
  const shown = runs.slice(0, SLOTS).toReversed();
  const longest = Math.max(1, ...shown.map(lengthOf));
  const label = words.agents.sparkline(shown.map((run) => words.status[run.status]).join(', '));
  return (
    <svg viewBox="0 0 120 20" className="h-5 w-30" role="img" aria-label={label}>
      <title>{label}</title>
      {shown.map((run, index) => {
        const height = 5 + 14 * Math.sqrt(lengthOf(run) / longest);
        const x = (SLOTS - shown.length + index) * 6;
        return (
          <rect key={run.id} x={x} y={20 - height} width="4.4" height={height} rx="1" className={BARS[run.status]} />
        );
      })}
    </svg>
  );
};
