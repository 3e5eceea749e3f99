import { useFastNow } from '../../lib/clock.ts';
import { formatDuration } from '../../lib/format.ts';
import type { PhaseName, Span } from '../../lib/transcript.ts';
import { useWords } from '../../words/words.ts';

const ORDER: readonly PhaseName[] = ['queued', 'starting', 'packages', 'model', 'tools', 'finishing'];

const FILLS: { readonly [Name in PhaseName]: string } = {
  queued: 'fill-[var(--chart-6)]',
  starting: 'fill-[var(--chart-4)]',
  packages: 'fill-[var(--chart-5)]',
  model: 'fill-[var(--chart-1)]',
  tools: 'fill-[var(--chart-2)]',
  finishing: 'fill-[var(--chart-3)]',
};

const WIDTH = 1_000;
/** Bars nearer than this are drawn as one: the eye would not tell them apart. */
const GAP = 2;

interface Bar {
  readonly from: number;
  readonly to: number;
}

const barsOf = (spans: readonly Span[], start: number, length: number, now: number): readonly Bar[] => {
  const bars: Bar[] = [];
  for (const span of spans) {
    const from = ((span.from - start) / length) * WIDTH;
    const to = Math.max(from + 3, (((span.to ?? now) - start) / length) * WIDTH);
    const last = bars.at(-1);
    if (last !== undefined && from - last.to < GAP)
      bars[bars.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else bars.push({ from, to });
  }
  return bars;
};

/** The phases of a run over time, one line each. */
export const Waterfall = ({ spans, over }: { readonly spans: readonly Span[]; readonly over: boolean }) => {
  const words = useWords();
  const ticking = useFastNow(!over);
  const first = spans[0];
  if (first === undefined) return <p className="px-3.5 py-3 text-dim">{words.run.waiting}</p>;
  const newest = Math.max(...spans.slice(-3).map((span) => span.to ?? span.from));
  const now = over ? newest : Math.max(ticking, newest);
  const length = Math.max(1, now - first.from);
  const phases = ORDER.filter((phase) => spans.some((span) => span.phase === phase));
  return (
    <dl aria-label={words.run.phaseTable} className="flex flex-col gap-1.5 px-3.5 py-3">
      {phases.map((phase) => {
        const own = spans.filter((span) => span.phase === phase);
        const took = own.reduce((sum, span) => sum + (span.to ?? now) - span.from, 0);
        return (
          <div key={phase} className="grid grid-cols-[4.5rem_1fr_4rem] items-center gap-2 text-xs">
            <dt className="text-dim">{words.run.phase[phase]}</dt>
            <dd className="contents">
              <svg
                viewBox={`0 0 ${WIDTH} 10`}
                preserveAspectRatio="none"
                aria-hidden="true"
                className="h-2.5 w-full rounded-sm bg-raised"
              >
                {barsOf(own, first.from, length, now).map((bar) => (
                  <rect
                    key={bar.from}
                    x={bar.from}
                    y="0"
                    width={bar.to - bar.from}
                    height="10"
                    className={FILLS[phase]}
                  />
                ))}
              </svg>
              <span className="text-right tabular-nums">{formatDuration(took)}</span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
};
