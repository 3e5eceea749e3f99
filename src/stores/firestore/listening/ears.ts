/** Listening to the database for several listeners at once: one stream for each thing that is listened to. */
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { Connection, Select, Stored } from '../connection.ts';

type Heard = (documents: readonly Stored[]) => void;

export interface Ears {
  /** Hears what a selection or a document holds: at once, and whenever it changes; with `name`, what is listened to. */
  hear(name: string, what: Select | string, heard: Heard): () => void;
  close(): void;
}

/** After a stream has failed for good, and where streams are not possible, it is looked again after this time. */
const AGAIN_MS = 5_000;

/** Listens by streams of the database: word comes within a fraction of a second, and costs one read a change. */
export const createStreams = (connection: Connection, clock: Clock, logger: Logger): Ears =>
  createShared((what, heard) => {
    const over = new AbortController();
    let stop: () => void = () => undefined;
    const begin = (): void => {
      stop = connection.listen(what, heard, async (error) => {
        logger.warn(
          { err: error },
          'listening to the database failed; it is tried again, and everything is looked at meanwhile',
        );
        await clock.sleep(AGAIN_MS, over.signal);
        if (!over.signal.aborted) begin();
      });
    };
    begin();
    return () => {
      over.abort();
      stop();
    };
  });

/** Looks now and then instead: for a process that may not keep a stream open. One read each time. */
export const createLooks = (connection: Connection, clock: Clock, logger: Logger): Ears =>
  createShared((what, heard) => {
    const over = new AbortController();
    const look = async (): Promise<void> => {
      if (typeof what !== 'string') return heard(await connection.find(what));
      const stored = await connection.get(what);
      heard(stored === null ? [] : [stored]);
    };
    const loop = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await look().catch((error: unknown) => logger.warn({ err: error }, 'looking into the database failed'));
        await clock.sleep(AGAIN_MS, over.signal);
      }
    };
    void loop();
    return () => over.abort();
  });

const createShared = (open: (what: Select | string, heard: Heard) => () => void): Ears => {
  const shared = new Map<string, { readonly listeners: Set<Heard>; latest: readonly Stored[] | null; stop(): void }>();
  return {
    hear: (name, what, heard) => {
      const known = shared.get(name);
      const entry = known ?? { listeners: new Set<Heard>(), latest: null, stop: () => undefined };
      entry.listeners.add(heard);
      if (known === undefined) {
        shared.set(name, entry);
        entry.stop = open(what, (documents) => {
          entry.latest = documents;
          for (const listener of [...entry.listeners]) listener(documents);
        });
      } else if (entry.latest !== null) heard(entry.latest);
      return () => {
        if (!entry.listeners.delete(heard) || entry.listeners.size > 0) return;
        entry.stop();
        if (shared.get(name) === entry) shared.delete(name);
      };
    },
    close: () => {
      for (const { stop } of shared.values()) stop();
      shared.clear();
    },
  };
};
