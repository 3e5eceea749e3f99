/** Sums up measured values. */

/** The value below which `share` of all values lie; NaN without values. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Milliseconds that `work` takes. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** Calls `work` for 0 … count - 1, at most `parallel` at once. */
export const inParallel = async <Result>(
  count: number,
  parallel: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      results[index] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return results;
};

/** One line of the report: what, how much, and what it should be. */
export const report = (what: string, value: string, goal?: string): void => {
  console.log(`${what.padEnd(58)} ${value.padStart(22)}${goal === undefined ? '' : `   goal ${goal}`}`);
};

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** The medians of both sides, and of their ratios pair by pair. */
export const reportPairs = (
  what: string,
  pairs: readonly { readonly alone: number; readonly whole: number }[],
  goal: string,
): void => {
  const of = (pick: (pair: { readonly alone: number; readonly whole: number }) => number) => median(pairs.map(pick));
  report(what, `${ms(of(({ alone }) => alone))}, ${ms(of(({ whole }) => whole))}`);
  report('ratio, pair by pair', of(({ alone, whole }) => whole / alone).toFixed(3), goal);
};
