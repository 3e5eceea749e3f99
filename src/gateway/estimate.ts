/** What a request may cost, before it is answered: an estimate by its size and by the length that it allows its answer. */
import { costOf } from '../core/pricing.ts';

/** Bytes of a request that make one token, on average. */
const BYTES_PER_TOKEN = 4;
/** No answer is longer; taken where a request does not say. */
const LONGEST_ANSWER = 128_000;

const answerTokens = (maxTokens: unknown): number =>
  typeof maxTokens === 'number' && maxTokens >= 0 ? maxTokens : LONGEST_ANSWER;

/**
 * US dollars for all of the input at the price of writing it to the cache, the highest that Claude Code asks for, and for an
 * answer of the greatest length. Infinity when the model has no known price, or was not named.
 * @param maxTokens the request's `max_tokens`, as it stands there
 */
export const mayCost = (model: string | null, bytes: number, maxTokens: unknown): number => {
  if (model === null) return Number.POSITIVE_INFINITY;
  const cost = costOf({
    model,
    inputTokens: 0,
    outputTokens: answerTokens(maxTokens),
    cacheReadTokens: 0,
    cacheWrite5mTokens: Math.ceil(bytes / BYTES_PER_TOKEN),
    cacheWrite1hTokens: 0,
    webSearches: 0,
    estimated: true,
  });
  return cost ?? Number.POSITIVE_INFINITY;
};
