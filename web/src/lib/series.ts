/** Sums over days, for charts. */
const DAY_MS = 86_400_000;

/** The last `count` days (UTC) as YYYY-MM-DD, oldest first. */
export const lastDays = (count: number, now: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => new Date(now - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10));

export interface Series {
  readonly name: string;
  /** One value a day. */
  readonly values: readonly number[];
}

/** A round number that is not below `value`: the top of an axis. */
export const roundUp = (value: number): number => {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
};
