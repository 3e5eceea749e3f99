/** Which calls to a service are repeated, how often, and after what waits: the same for every service of a cloud. */

/** With the waits below some five seconds in all; whoever waits longer has a loop of its own. */
export const MOST_TRIES = 5;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 8_000;

/** Whether a call that was answered with this HTTP status may succeed later: request time-out, too many requests, its own fault. */
export const isPassingStatus = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/**
 * The wait before the next try, in milliseconds. Half of it is up to chance, so that not all who failed come back at once.
 * @param tries how many there were, 1 at least
 * @param chance uniform in [0, 1)
 */
export const nextTryMs = (tries: number, chance: number): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * (0.5 + chance / 2);
