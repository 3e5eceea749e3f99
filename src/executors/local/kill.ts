/** Ends an execution: its reason is on disk before the first signal, so that the first one stays, whoever asks. */
import type { EndReason } from '../../core/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Exit } from '../../ports/executor.ts';
import { lineOf, type Place, recordOf, writeOnce } from './place.ts';
import { askToEnd, forceToEnd } from './survivors.ts';

/** Long enough for the CLI to write the last line of its transcript. */
const GRACE_MS = 1_500;
const REPEAT_MS = 20;

/** Resolves when nothing is alive. `exit` is the one of the same execution. */
export const killPlace = async (place: Place, reason: EndReason, exit: Promise<Exit>, clock: Clock): Promise<void> => {
  const record = recordOf(place);
  if (record === null || lineOf(place, 'exit') !== null) {
    await exit;
    return;
  }
  writeOnce(place, 'kill', reason);
  askToEnd(place, record);
  const ended = new AbortController();
  void exit.then(() => ended.abort());
  await clock.sleep(GRACE_MS, ended.signal);
  while (!ended.signal.aborted) {
    // The place may be gone by now, removed by another process.
    forceToEnd(place, record);
    await clock.sleep(REPEAT_MS, ended.signal);
  }
};
