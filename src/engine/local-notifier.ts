import type { Delta } from '../core/events.ts';
import type { RunId } from '../core/ids.ts';
import type { Notifier } from '../ports/notifier.ts';

type Listener<Value> = (value: Value) => void;

const createTopic = <Key, Value>() => {
  const listeners = new Map<Key, Set<Listener<Value>>>();
  return {
    publish: (key: Key, value: Value): void => {
      for (const listener of [...(listeners.get(key) ?? [])]) listener(value);
    },
    heard: (key: Key): boolean => listeners.has(key),
    subscribe: (key: Key, listener: Listener<Value>): (() => void) => {
      const set = listeners.get(key) ?? new Set();
      listeners.set(key, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key);
      };
    },
  };
};

/** Word within one process. Other processes are reached by nobody, and look by themselves. */
export const createLocalNotifier = (): Notifier => {
  const queued = createTopic<'queued', undefined>();
  const changed = createTopic<RunId, undefined>();
  const watched = createTopic<RunId, undefined>();
  const stopping = createTopic<RunId, undefined>();
  const deltas = createTopic<RunId, Delta>();
  return {
    queued: () => queued.publish('queued', undefined),
    onQueued: (listener) => queued.subscribe('queued', listener),
    changed: (id) => changed.publish(id, undefined),
    onChanged: (id, listener) => {
      const unsubscribe = changed.subscribe(id, listener);
      watched.publish(id, undefined);
      return unsubscribe;
    },
    watched: changed.heard,
    onWatched: (id, listener) => watched.subscribe(id, listener),
    stopping: (id) => stopping.publish(id, undefined),
    onStopping: (id, listener) => stopping.subscribe(id, listener),
    delta: (id, delta) => deltas.publish(id, delta),
    onDelta: (id, listener) => deltas.subscribe(id, listener),
  };
};
