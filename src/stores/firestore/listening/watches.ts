/**
 * Who follows a run says so in a document, so that the process that drives the run commits its events sooner. A mark holds
 * for a while and is renewed; one that is not renewed runs out by itself.
 */
import { Timestamp } from '@google-cloud/firestore';
import type { RunId } from '../../../core/ids.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import { number } from '../codec.ts';
import type { Connection } from '../connection.ts';
import type { Ears } from './ears.ts';

/** One write in this time for each followed run and following process. */
const RENEW_MS = 30_000;
const HOLDS_MS = 45_000;

export interface Watches {
  /** Marks the run as followed until the returned function is called. */
  mark(id: RunId): () => void;
  /** Whether a mark was heard of that still holds. */
  marked(id: RunId): boolean;
  /** Hears of marks of others. */
  onMarked(id: RunId, listener: () => void): () => void;
}

const pathOf = (id: RunId): string => `watches/${id}`;

/** @param drivenHere whether this very process drives the run, and needs no mark */
export const createWatches = (
  connection: Connection,
  ears: Ears,
  clock: Clock,
  logger: Logger,
  drivenHere: (id: RunId) => boolean,
): Watches => {
  const until = new Map<RunId, number>();
  const marks = new Map<RunId, { readonly over: AbortController; followers: number }>();

  const keepMarked = async (id: RunId, over: AbortSignal): Promise<void> => {
    while (!over.aborted) {
      if (!drivenHere(id)) {
        const at = clock.now() + HOLDS_MS;
        // Firestore deletes by `expireAt` up to a day late: whoever reads looks at `until`.
        const fields = { until: at, expireAt: Timestamp.fromMillis(at) };
        await connection
          .commit([{ kind: 'replace', path: pathOf(id), fields }])
          .catch((error: unknown) => logger.warn({ err: error, runId: id }, 'a watch could not be marked'));
      }
      await clock.sleep(RENEW_MS, over);
    }
  };

  return {
    mark: (id) => {
      const mark = marks.get(id) ?? { over: new AbortController(), followers: 0 };
      mark.followers += 1;
      if (mark.followers === 1) {
        marks.set(id, mark);
        void keepMarked(id, mark.over.signal);
      }
      return () => {
        mark.followers -= 1;
        if (mark.followers > 0) return;
        mark.over.abort();
        if (marks.get(id) === mark) marks.delete(id);
      };
    },
    marked: (id) => (until.get(id) ?? 0) > clock.now(),
    onMarked: (id, listener) => {
      const stop = ears.hear(`watches/${id}`, pathOf(id), ([stored]) => {
        const holds = stored === undefined ? 0 : number(stored.fields, 'until');
        const before = until.get(id) ?? 0;
        until.set(id, holds);
        if (before <= clock.now() && holds > clock.now()) listener();
      });
      return () => {
        stop();
        until.delete(id);
      };
    },
  };
};
