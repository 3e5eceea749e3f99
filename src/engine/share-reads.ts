/**
 * One look at the store for all who follow a run: they are woken together, and each would read, and encode, the same
 * again. They get the same objects, so that what is made of an event can be kept with it.
 *
 * Only reads that are under way are shared, and none that was begun before the newest word of a change: it may be without
 * the change. Word can be lost, so this is for followers alone, who look again after a while.
 */
import type { RunEvent } from '../core/events.ts';
import type { RunId } from '../core/ids.ts';
import type { Engine } from './deps.ts';

/** The same engine, whose users share their reads of events. */
export const shareReads = (engine: Engine): Engine => {
  const { stores, notifier } = engine;
  const underWay = new Map<RunId, Map<string, Promise<RunEvent[]>>>();

  const share = (id: RunId, key: string, read: () => Promise<RunEvent[]>): Promise<RunEvent[]> => {
    const ofRun = underWay.get(id) ?? new Map<string, Promise<RunEvent[]>>();
    underWay.set(id, ofRun);
    const known = ofRun.get(key);
    if (known !== undefined) return known;
    const reading = read().finally(() => {
      ofRun.delete(key);
      if (ofRun.size === 0 && underWay.get(id) === ofRun) underWay.delete(id);
    });
    ofRun.set(key, reading);
    return reading;
  };

  const runs = {
    ...stores.runs,
    events: (id: RunId, after: number, limit: number, maxChars?: number) =>
      share(id, `${after} ${limit} ${maxChars}`, () => stores.runs.events(id, after, limit, maxChars)),
  };
  const onChanged = (id: RunId, listener: () => void) =>
    notifier.onChanged(id, () => {
      underWay.delete(id);
      listener();
    });
  return { ...engine, stores: { ...stores, runs }, notifier: { ...notifier, onChanged } };
};
