/** When a start that failed may be tried again. Only a start is ever repeated: an agent that has run is not. */
import type { Instant } from './ids.ts';

export const MAX_STARTS = 5;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/** The instant of the next try after `attempt` tries, or null when there were enough. */
export const nextStart = (attempt: number, now: Instant): Instant | null =>
  attempt >= MAX_STARTS ? null : now + Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
