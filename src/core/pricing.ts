/**
 * What tokens cost. The table is data: US dollars per million tokens, as Anthropic publishes them.
 * A model that is not in it costs "unknown", never zero.
 */
import type { CostUsd, TokenUsage } from './usage.ts';

/** One model answer, as metered. */
export interface MeterReading {
  /** Name that the answer carried. */
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly webSearches: number;
  /** The answer was cut, so the output tokens are estimated. */
  readonly estimated: boolean;
}

interface Price {
  readonly input: number;
  readonly output: number;
}

/** Families by the beginning of the model's name; the longest beginning that fits wins. */
const PRICES: Readonly<Record<string, Price>> = {
  'claude-opus-4-5': { input: 5, output: 25 },
  'claude-opus-4-6': { input: 5, output: 25 },
  'claude-opus-4-7': { input: 5, output: 25 },
  'claude-opus-4-1': { input: 15, output: 75 },
  'claude-opus-4-2': { input: 15, output: 75 },
  'claude-sonnet-4-6': { input: 3, output: 15 },
  'claude-sonnet-4-5': { input: 3, output: 15 },
  'claude-sonnet-4-2': { input: 3, output: 15 },
  'claude-haiku-4-5': { input: 1, output: 5 },
  'claude-3-7-sonnet': { input: 3, output: 15 },
  'claude-3-5-haiku': { input: 0.8, output: 4 },
  'claude-3-haiku': { input: 0.25, output: 1.25 },
  // The bundled demo model: scripted answers, for which nobody pays.
  demo: { input: 0, output: 0 },
};

const CACHE_READ_FACTOR = 0.1;
const CACHE_WRITE_5M_FACTOR = 1.25;
const CACHE_WRITE_1H_FACTOR = 2;
const WEB_SEARCH_USD = 0.01;
const MILLION = 1_000_000;

const priceOf = (model: string): Price | null => {
  const prefix = Object.keys(PRICES)
    .filter((name) => model === name || model.startsWith(`${name}-`) || model.startsWith(`${name}0`))
    .sort((a, b) => b.length - a.length)[0];
  return prefix === undefined ? null : (PRICES[prefix] ?? null);
};

/** True when answers of `model` can be costed. */
export const hasPrice = (model: string): boolean => priceOf(model) !== null;

/** What a reading cost in US dollars; null when the model's price is not known. */
export const costOf = (reading: MeterReading): CostUsd => {
  const price = priceOf(reading.model);
  if (price === null) return null;
  const input =
    reading.inputTokens +
    reading.cacheReadTokens * CACHE_READ_FACTOR +
    reading.cacheWrite5mTokens * CACHE_WRITE_5M_FACTOR +
    reading.cacheWrite1hTokens * CACHE_WRITE_1H_FACTOR;
  return (input * price.input + reading.outputTokens * price.output) / MILLION + reading.webSearches * WEB_SEARCH_USD;
};

/** A reading as tokens alone. */
export const usageOf = (reading: MeterReading): TokenUsage => ({
  inputTokens: reading.inputTokens,
  outputTokens: reading.outputTokens,
  cacheReadTokens: reading.cacheReadTokens,
  cacheWriteTokens: reading.cacheWrite5mTokens + reading.cacheWrite1hTokens,
});
