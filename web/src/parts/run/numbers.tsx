/** Tokens, cost and limits of a run, as they grow. */
import type { RunView } from '../../../../src/api/run-schemas.ts';
import { useFastNow } from '../../lib/clock.ts';
import { formatCount, formatDuration, formatMoney } from '../../lib/format.ts';
import { useLanguage } from '../../lib/preferences.ts';
import type { Transcript } from '../../lib/transcript.ts';
import { useWords } from '../../words/words.ts';
import { Icon } from '../icons.tsx';

interface NumbersProps {
  readonly run: RunView;
  readonly feed: Transcript;
}

const totalsOf = ({ run, feed }: NumbersProps) => feed.totals ?? { ...run.tokenUsage, costUsd: run.costUsd };

export const Tokens = (props: NumbersProps) => {
  const words = useWords();
  const language = useLanguage();
  const totals = totalsOf(props);
  const rows = [
    [words.run.inputTokens, totals.inputTokens],
    [words.run.outputTokens, totals.outputTokens],
    [words.run.cacheRead, totals.cacheReadTokens],
    [words.run.cacheWrite, totals.cacheWriteTokens],
  ] as const;
  return (
    <div className="px-3.5 py-3">
      <p className="text-xl font-semibold tabular-nums">{formatMoney(totals.costUsd, language)}</p>
      {totals.costUsd === null ? <p className="text-xs text-dim">{words.run.costUnknown}</p> : null}
      <dl className="mt-2 grid grid-cols-2 gap-x-4 gap-y-1">
        {rows.map(([label, count]) => (
          <div key={label} className="flex justify-between gap-2">
            <dt className="text-dim">{label}</dt>
            <dd className="tabular-nums">{formatCount(count, language)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
};

interface BarProps {
  readonly label: string;
  readonly used: number | null;
  readonly most: number;
  readonly text: string;
  readonly hit: boolean;
}

const LimitBar = ({ label, used, most, text, hit }: BarProps) => {
  const words = useWords();
  const share = used === null ? null : Math.min(1, used / Math.max(most, Number.EPSILON));
  const tone = hit || (share ?? 0) >= 1 ? 'bg-bad' : (share ?? 0) > 0.8 ? 'bg-warn' : 'bg-accent';
  return (
    <div>
      <div className="flex justify-between gap-2 text-xs">
        <span className="text-dim">
          {label}
          {hit ? (
            <span className="ml-1.5 inline-flex items-center gap-0.5 font-semibold text-bad">
              <Icon name="alert" className="size-3" />
              {words.run.limitHit}
            </span>
          ) : null}
        </span>
        <span className="tabular-nums">{text}</span>
      </div>
      {share === null ? null : (
        // biome-ignore lint/a11y/useSemanticElements: browsers draw their own meter each in their own way
        <div
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(share * 100)}
          aria-valuetext={text}
          className="mt-1 h-1.5 overflow-hidden rounded-full bg-raised"
        >
          <div className={`h-full rounded-full ${tone}`} style={{ width: `${share * 100}%` }} />
        </div>
      )}
    </div>
  );
};

/** Each limit with how much of it is used, where that is known. */
export const Limits = ({ run, feed }: NumbersProps) => {
  const { limit } = useWords().run;
  const language = useLanguage();
  const running = run.startedAt !== undefined && run.endedAt === undefined;
  const now = useFastNow(running);
  const { limits, limitsHit } = run;
  const took =
    run.startedAt === undefined
      ? 0
      : (run.endedAt === undefined ? now : Date.parse(run.endedAt)) - Date.parse(run.startedAt);
  const totals = totalsOf({ run, feed });
  const hit = (name: string) => limitsHit.some((one) => one === name);
  const bars: readonly BarProps[] = [
    {
      label: limit.time,
      used: took / 1_000,
      most: limits.timeoutSeconds,
      text: `${formatDuration(Math.max(0, took))} / ${formatDuration(limits.timeoutSeconds * 1_000)}`,
      hit: hit('deadline'),
    },
    ...(limits.maxBudgetUsd === undefined
      ? []
      : [
          {
            label: limit.budget,
            used: totals.costUsd,
            most: limits.maxBudgetUsd,
            text: `${formatMoney(totals.costUsd, language)} / ${formatMoney(limits.maxBudgetUsd, language)}`,
            hit: run.stopReason === 'budget_reached',
          },
        ]),
    ...(limits.maxTurns === undefined
      ? []
      : [
          {
            label: limit.turns,
            used: feed.turns,
            most: limits.maxTurns,
            text: `${feed.turns} / ${limits.maxTurns}`,
            hit: run.stopReason === 'max_turns',
          },
        ]),
    { label: limit.memory, used: null, most: 1, text: `${limits.memoryMb} MiB`, hit: hit('memory') },
    { label: limit.cpus, used: null, most: 1, text: String(limits.cpus), hit: false },
    { label: limit.processes, used: null, most: 1, text: String(limits.maxProcesses), hit: hit('processes') },
    { label: limit.disk, used: null, most: 1, text: `${limits.diskMb} MiB`, hit: hit('disk') },
    { label: limit.silence, used: null, most: 1, text: formatDuration(limits.idleSeconds * 1_000), hit: hit('idle') },
  ];
  return (
    <div className="flex flex-col gap-2.5 px-3.5 py-3">
      {bars.map((bar) => (
        <LimitBar key={bar.label} {...bar} />
      ))}
    </div>
  );
};
