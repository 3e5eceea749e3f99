import type { RunEvent } from '../core/events.ts';
import type { RunStore } from '../ports/run-store.ts';

/**
 * The same store for many readers of one run: those who ask for the same events in one turn of the event loop, as all do
 * who were woken by one change, are answered by one read. An update of this process is in every read that is asked for
 * after it; one of another process may be missing from a read of the same turn, and is found at the reader's next look.
 *
 * @param later calls back when the present turn is over
 */
export const shareReads = (runs: RunStore, later: (callback: () => void) => void): RunStore => {
  const reads = new Map<string, Promise<RunEvent[]>>();
  return {
    ...runs,
    update: async (id, decide) => {
      try {
        return await runs.update(id, decide);
      } finally {
        reads.clear();
      }
    },
    events: (id, after, limit, maxChars) => {
      const key = `${id} ${after} ${limit} ${maxChars}`;
      const known = reads.get(key);
      if (known !== undefined) return known;
      if (reads.size === 0) later(() => reads.clear());
      const read = runs.events(id, after, limit, maxChars);
      reads.set(key, read);
      return read;
    },
  };
};
