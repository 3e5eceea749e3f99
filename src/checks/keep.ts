/** What a check found out, kept for a while, since finding it out costs something and anybody may ask for it. */
import type { Clock } from '../ports/clock.ts';

interface Ages<Result> {
  readonly isGood: (result: Result) => boolean;
  /** How long a good result is kept. */
  readonly goodMs: number;
  /** How long others are; what was mended is seen after this. */
  readonly badMs: number;
}

/** Calls at the same time share one check; one that fails is not kept. */
export const keepResult = <Result>(
  clock: Clock,
  { isGood, goodMs, badMs }: Ages<Result>,
  check: () => Promise<Result>,
): (() => Promise<Result>) => {
  let running: Promise<Result> | null = null;
  let kept: { readonly result: Result; readonly until: number } | null = null;
  return () => {
    if (kept !== null && clock.now() < kept.until) return Promise.resolve(kept.result);
    running ??= check()
      .then((result) => {
        kept = { result, until: clock.now() + (isGood(result) ? goodMs : badMs) };
        return result;
      })
      .finally(() => {
        running = null;
      });
    return running;
  };
};
