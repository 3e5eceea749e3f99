/**
 * What tokens cost. The table is data: US dollars per million tokens, as Anthropic publishes them for its own API.
 * A model that is not in it costs "unknown", never zero.
 */
import type { CostUsd, TokenUsage } from './usage.ts';

/** One model answer, as metered. */
export interface MeterReading {
  /** Name that the answer carried; with `-fast` behind it when it was answered in fast mode. */
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

interface Rates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
}

interface Price extends Rates {
  /** What every token of a request costs whose prompt, cached parts included, is longer than `above` tokens. */
  readonly long?: Rates & { readonly above: number };
}

const price = (input: number, output: number, cacheRead: number = input * 0.1): Price => ({ input, output, cacheRead });

/** By the model's full name; names differ by their ending in date or alias only, never by a further number. */
export const PRICES: Readonly<Record<string, Price>> = {
  'claude-fable-5-2': price(8, 40, 0.2),
  'claude-fable-5-2-fast': price(16, 80, 0.4),
  'claude-fable-5-1': price(10, 50, 0.25),
  'claude-fable-5': price(10, 50),
  'claude-mythos-5-1': price(10, 50, 0.25),
  'claude-mythos-5': price(10, 50),
  'claude-opus-5-5': price(4, 20, 0.2),
  'claude-opus-5-5-fast': price(8, 40, 0.4),
  'claude-opus-5': price(5, 25),
  'claude-opus-5-fast': price(10, 50),
  'claude-opus-4-8': price(5, 25),
  'claude-opus-4-8-fast': price(10, 50),
  'claude-opus-4-7': price(5, 25),
  'claude-opus-4-7-fast': price(30, 150),
  'claude-opus-4-6': price(5, 25),
  'claude-opus-4-6-fast': price(30, 150),
  'claude-opus-4-5': price(5, 25),
  'claude-opus-4-1': price(15, 75),
  'claude-opus-4-0': price(15, 75),
  'claude-opus-4': price(15, 75),
  'claude-sonnet-5-5': price(2, 10, 0.1),
  'claude-sonnet-5': price(2, 10),
  'claude-sonnet-4-6': price(3, 15),
  'claude-sonnet-4-5': price(3, 15),
  'claude-sonnet-4-0': price(3, 15),
  'claude-sonnet-4': price(3, 15),
  'claude-3-7-sonnet': price(3, 15),
  'claude-3-5-sonnet': price(3, 15),
  'claude-haiku-5-5': { ...price(0.1, 0.5), long: { above: 100_000, ...price(0.5, 2.5) } },
  'claude-haiku-4-5': price(1, 5),
  'claude-3-5-haiku': price(0.8, 4),
  'claude-3-opus': price(15, 75),
  'claude-3-haiku': price(0.25, 1.25, 0.03),
  // The bundled demo model: scripted answers, for which nobody pays.
  demo: price(0, 0),
};

const BY_NAME = new Map(Object.entries(PRICES));

const CACHE_WRITE_5M_FACTOR = 1.25;
const CACHE_WRITE_1H_FACTOR = 2;
const WEB_SEARCH_USD = 0.01;
const MILLION = 1_000_000;

/** A release date or "latest", then the mark of the long context window: the same model at the same price. */
const SAME_MODEL = /(?:[-@]\d{8}|-latest)?(?:\[1m\])?(-fast)?$/;

const priceOf = (model: string): Price | null => {
  const name = model.replace(SAME_MODEL, '$1');
  return BY_NAME.get(name) ?? null;
};

/** True when answers of `model` can be costed. */
export const hasPrice = (model: string): boolean => priceOf(model) !== null;

/** What a reading cost in US dollars; null when the model's price is not known. */
export const costOf = (reading: MeterReading): CostUsd => {
  const list = priceOf(reading.model);
  if (list === null) return null;
  const { inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens } = reading;
  const prompt = inputTokens + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens;
  const rates = list.long !== undefined && prompt > list.long.above ? list.long : list;
  const input = inputTokens + cacheWrite5mTokens * CACHE_WRITE_5M_FACTOR + cacheWrite1hTokens * CACHE_WRITE_1H_FACTOR;
  const tokens = input * rates.input + cacheReadTokens * rates.cacheRead + reading.outputTokens * rates.output;
  return tokens / MILLION + reading.webSearches * WEB_SEARCH_USD;
};

/** A reading as tokens alone. */
export const usageOf = (reading: MeterReading): TokenUsage => ({
  inputTokens: reading.inputTokens,
  outputTokens: reading.outputTokens,
  cacheReadTokens: reading.cacheReadTokens,
  cacheWriteTokens: reading.cacheWrite5mTokens + reading.cacheWrite1hTokens,
});
