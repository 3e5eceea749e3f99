/** The `usage` object of the Messages API, as it comes: any field may be absent, null or of a newer kind. */

/** What one model was asked and answered, in tokens. */
export interface Counts {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly webSearches: number;
}

export const NO_COUNTS: Counts = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  webSearches: 0,
};

export interface Usage {
  readonly counts: Counts;
  /** Answered in fast mode, which has a price of its own. */
  readonly fast: boolean;
  /** Work of the same answer that `counts` leaves out; a model of null is the answer's own. */
  readonly extras: readonly { readonly model: string | null; readonly counts: Counts }[];
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const tokens = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;

const combine = (a: Counts, b: Counts, how: (a: number, b: number) => number): Counts => ({
  inputTokens: how(a.inputTokens, b.inputTokens),
  outputTokens: how(a.outputTokens, b.outputTokens),
  cacheReadTokens: how(a.cacheReadTokens, b.cacheReadTokens),
  cacheWrite5mTokens: how(a.cacheWrite5mTokens, b.cacheWrite5mTokens),
  cacheWrite1hTokens: how(a.cacheWrite1hTokens, b.cacheWrite1hTokens),
  webSearches: how(a.webSearches, b.webSearches),
});

/** Cumulative usage never shrinks: a later report that leaves fields out, or has zeros in them, takes nothing back. */
export const largerOf = (a: Counts, b: Counts): Counts => combine(a, b, Math.max);

export const sumOf = (a: Counts, b: Counts): Counts => combine(a, b, (x, y) => x + y);

/** What `after` has more than `before`. */
export const growthOf = (before: Counts, after: Counts): Counts =>
  combine(before, after, (old, fresh) => Math.max(0, fresh - old));

export const isNothing = (counts: Counts): boolean => Object.values(counts).every((count) => count === 0);

const readCounts = (usage: Readonly<Record<string, unknown>>): Counts => {
  const split = isRecord(usage.cache_creation) ? usage.cache_creation : {};
  const tools = isRecord(usage.server_tool_use) ? usage.server_tool_use : {};
  const written1h = tokens(split.ephemeral_1h_input_tokens);
  return {
    inputTokens: tokens(usage.input_tokens),
    outputTokens: tokens(usage.output_tokens),
    cacheReadTokens: tokens(usage.cache_read_input_tokens),
    // Without the split, or with an incomplete one, the rest was written for five minutes: the API's default.
    cacheWrite5mTokens: Math.max(
      tokens(split.ephemeral_5m_input_tokens),
      tokens(usage.cache_creation_input_tokens) - written1h,
    ),
    cacheWrite1hTokens: written1h,
    webSearches: tokens(tools.web_search_requests),
  };
};

/**
 * Iterations of other kinds than `message` (a compaction, an advisor, a fallback) are billed and not in the totals;
 * counting one that is would stop a run too early, leaving one out would let it spend unseen.
 */
const readExtras = (iterations: unknown): Usage['extras'] =>
  (Array.isArray(iterations) ? iterations : []).filter(isRecord).flatMap((iteration) => {
    const counts = readCounts(iteration);
    if (typeof iteration.type !== 'string' || iteration.type === 'message' || isNothing(counts)) return [];
    return [{ model: typeof iteration.model === 'string' ? iteration.model : null, counts }];
  });

/** Reads a usage object; null when it is none. */
export const readUsage = (value: unknown): Usage | null =>
  isRecord(value)
    ? { counts: readCounts(value), fast: value.speed === 'fast', extras: readExtras(value.iterations) }
    : null;
