import { useState } from 'react';
import { formatDay } from '../lib/format.ts';
import { useLanguage } from '../lib/preferences.ts';
import { roundUp, type Series } from '../lib/series.ts';

const HEIGHT = 150;
const WIDTH = 720;
const FILLS = [1, 2, 3, 4, 5, 6].map((number) => `var(--chart-${number})`);

interface BarChartProps {
  readonly label: string;
  readonly days: readonly string[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
}

/** Stacked bars, one a day, with a legend; the table behind it is for who cannot see them. */
export const BarChart = ({ label, days, series, format }: BarChartProps) => {
  const language = useLanguage();
  const [at, setAt] = useState<number | null>(null);
  const totals = days.map((_, day) => series.reduce((sum, { values }) => sum + (values[day] ?? 0), 0));
  const top = roundUp(Math.max(...totals, 0));
  const slot = WIDTH / days.length;
  const shown = at === null ? null : (days[at] ?? null);
  return (
    <figure className="px-3.5 py-3">
      <div className="flex gap-2">
        <div
          className="flex w-12 shrink-0 flex-col justify-between pb-5 text-right text-xs text-dim tabular-nums"
          aria-hidden="true"
        >
          <span>{format(top)}</span>
          <span>{format(top / 2)}</span>
          <span>0</span>
        </div>
        <div className="min-w-0 flex-1">
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            className="h-36 w-full"
            role="img"
            aria-label={label}
            onPointerLeave={() => setAt(null)}
          >
            <title>{label}</title>
            {[0.5, HEIGHT / 2, HEIGHT - 0.5].map((y) => (
              <line key={y} x1="0" x2={WIDTH} y1={y} y2={y} stroke="var(--line)" vectorEffect="non-scaling-stroke" />
            ))}
            {days.map((day, index) => {
              let below = 0;
              return (
                <g key={day} onPointerEnter={() => setAt(index)} opacity={at === null || at === index ? 1 : 0.45}>
                  <rect x={index * slot} y="0" width={slot} height={HEIGHT} fill="transparent" />
                  {series.map(({ name, values }, number) => {
                    const height = ((values[index] ?? 0) / top) * HEIGHT;
                    below += height;
                    return height === 0 ? null : (
                      <rect
                        key={name}
                        x={index * slot + slot * 0.15}
                        width={slot * 0.7}
                        y={HEIGHT - below}
                        height={height}
                        fill={FILLS[number % FILLS.length]}
                      />
                    );
                  })}
                </g>
              );
            })}
          </svg>
          <div className="mt-1 flex justify-between text-xs text-dim" aria-hidden="true">
            <span>{formatDay(days[0] ?? '', language)}</span>
            {shown === null || at === null ? null : (
              <span className="font-medium text-ink">
                {formatDay(shown, language)}: {format(totals[at] ?? 0)}
              </span>
            )}
            <span>{formatDay(days.at(-1) ?? '', language)}</span>
          </div>
        </div>
      </div>
      <figcaption className="mt-2 flex flex-wrap gap-x-4 gap-y-1 pl-14 text-xs">
        {series.map(({ name, values }, number) => (
          <span key={name} className="inline-flex max-w-56 items-center gap-1.5">
            <span className="size-2 shrink-0 rounded-sm" style={{ background: FILLS[number % FILLS.length] }} />
            <span className="truncate">{name}</span>
            <span className="text-dim tabular-nums">{format(values.reduce((sum, value) => sum + value, 0))}</span>
          </span>
        ))}
      </figcaption>
      <table className="sr-only">
        <caption>{label}</caption>
        <tbody>
          {days.map((day, index) =>
            totals[index] === 0 ? null : (
              <tr key={day}>
                <th scope="row">{day}</th>
                <td>{format(totals[index] ?? 0)}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </figure>
  );
};
