/** How much garbage the server's heap may hold. */
import { setFlagsFromString } from 'node:v8';

/**
 * Percent of what lives that V8's old space may grow by before it is collected. Left alone V8 lets it grow to four times
 * what lives, and counts what is allocated while it marks as living: under load a flood of output then took 500 MB.
 */
const GROWTH_PERCENT = 50;

/** For the whole process, from the next collection on. V8 reads this setting anew each time, so it need not be there at the start. */
export const boundHeap = (): void => setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
