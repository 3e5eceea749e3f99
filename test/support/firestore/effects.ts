/** Time and chance of this machine, for a connection to the emulator. */
import { createSystemClock, createSystemRandom } from '../../../src/system/clock.ts';

export const EFFECTS = { clock: createSystemClock(), random: createSystemRandom() };
