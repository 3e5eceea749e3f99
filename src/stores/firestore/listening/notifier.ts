/**
 * Word between processes, by way of the database: what one has committed, the others hear of. Deltas stay in their
 * process, since they are never stored.
 */
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Notifier } from '../../../ports/notifier.ts';
import type { Connection } from '../connection.ts';
import { createLooks, createStreams } from './ears.ts';
import { createWatches } from './watches.ts';

export interface NotifierOptions {
  /** Word within this process. */
  readonly local: Notifier;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether this process may keep streams open; else it looks now and then, and callers do so by themselves. */
  readonly streams: boolean;
}

export interface ClosableNotifier extends Notifier {
  close(): void;
}

/** All that several functions undo, undone by one. */
const together =
  (...undo: readonly (() => void)[]): (() => void) =>
  () => {
    for (const one of undo) one();
  };

export const openNotifier = (connection: Connection, options: NotifierOptions): ClosableNotifier => {
  const { local, clock, logger, streams } = options;
  const ears = (streams ? createStreams : createLooks)(connection, clock, logger);
  const driven = new Map<string, number>();
  const watches = createWatches(connection, ears, clock, logger, (id) => driven.has(id));
  const silent = (): void => undefined;

  return {
    ...local,
    onQueued: (listener) => {
      if (!streams) return local.onQueued(listener);
      // The newest queued run: it is another one, or another state of it, whenever a run was queued.
      const newest = {
        collection: 'runs',
        where: [['status', '==', 'queued']],
        orderBy: [['createdAt', 'desc']],
        limit: 1,
        fields: ['createdAt'],
      } as const;
      return together(
        local.onQueued(listener),
        ears.hear('queued', newest, ([run]) => (run === undefined ? silent() : listener())),
      );
    },
    onChanged: (id, listener) => {
      const newest = {
        collection: `runs/${id}/chunks`,
        orderBy: [['last', 'desc']],
        limit: 1,
        fields: ['last'],
      } as const;
      return together(
        watches.mark(id),
        local.onChanged(id, listener),
        streams ? ears.hear(`changed/${id}`, newest, listener) : silent,
      );
    },
    watched: (id) => local.watched(id) || watches.marked(id),
    onWatched: (id, listener) => {
      driven.set(id, (driven.get(id) ?? 0) + 1);
      const leave = (): void => {
        const left = (driven.get(id) ?? 1) - 1;
        if (left === 0) driven.delete(id);
        else driven.set(id, left);
      };
      return together(local.onWatched(id, listener), watches.onMarked(id, listener), leave);
    },
    onStopping: (id, listener) => {
      if (!streams) return local.onStopping(id, listener);
      return together(
        local.onStopping(id, listener),
        ears.hear(`stopping/${id}`, `runs/${id}`, ([run]) => {
          if (run?.fields.stopping === true) listener();
        }),
      );
    },
    close: () => ears.close(),
  };
};
