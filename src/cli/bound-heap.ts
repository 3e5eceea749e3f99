/** How much garbage the server's heap may hold. */
import { setFlagsFromString } from 'node:v8';

/**
 * Percent of what lives that V8's heap may grow by before it is collected. Left alone it grows to four times what lives,
 * which makes a flood of output cost 100 MB more of garbage.
 */
const GROWTH_PERCENT = 50;

/** For the whole process, from the next collection on. V8 reads this setting anew each time, so it need not be there at the start. */
export const boundHeap = (): void => setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
