/** A run's events as they come, for one page. They are taken in at once, and shown once a frame. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { createTranscript, type Item, type Transcript } from '../lib/transcript.ts';
import { api } from './api.ts';
import { decodeEvent } from './decode-event.ts';

const EVENTS_AT_ONCE = 500;

export type Connection =
  | { readonly kind: 'connecting' | 'live' | 'over' }
  | { readonly kind: 'reconnecting'; readonly inMs: number }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface Feed extends Transcript {
  readonly connection: Connection;
  /** What a person who hears the page should be told now; null when there is nothing new. */
  readonly heard: Item | null;
}

const open = (runId: string) => {
  const transcript = createTranscript();
  const listeners = new Set<() => void>();
  // What happened before the page was opened is there to be read; only what is new is said.
  const openedAt = Date.now();
  let connection: Connection = { kind: 'connecting' };
  let heard: Item | null = null;
  let feed: Feed = { ...transcript.snapshot(), connection, heard };
  let frame: number | null = null;
  let taken = 0;

  const show = (): void => {
    frame = null;
    const next = transcript.snapshot();
    const newest = next.items.at(-1);
    if (newest !== undefined && newest !== heard && Date.parse(newest.at) >= openedAt) heard = newest;
    feed = { ...next, connection, heard };
    for (const tell of listeners) tell();
  };
  // A hidden page gets no frames, and needs none.
  const soon = (): void => {
    frame ??= requestAnimationFrame(show);
  };
  const connect = (next: Connection): void => {
    if (next.kind === connection.kind && next.kind !== 'reconnecting') return;
    connection = next;
    soon();
  };

  const onConnected = (): void => connect({ kind: 'live' });

  const follow = async (signal: AbortSignal): Promise<void> => {
    try {
      for await (const message of api().followRun(runId, {
        after: transcript.snapshot().lastSeq,
        signal,
        onConnected,
      })) {
        if (message.kind === 'reconnecting') {
          connect({ kind: 'reconnecting', inMs: message.inMs });
          continue;
        }
        taken += 1;
        // A long replay comes faster than it can be drawn: the page gets its turn in between.
        if (taken % EVENTS_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve));
        const decoded = decodeEvent(message.event);
        if (decoded.kind === 'event') transcript.take(decoded.event);
        else transcript.write(decoded.delta);
        soon();
      }
      if (!signal.aborted) connect({ kind: 'over' });
    } catch (error) {
      if (!signal.aborted) connect({ kind: 'failed', error });
    }
  };

  return {
    follow,
    read: () => feed,
    subscribe: (tell: () => void) => {
      listeners.add(tell);
      return () => {
        listeners.delete(tell);
      };
    },
    close: () => {
      if (frame !== null) cancelAnimationFrame(frame);
      frame = null;
    },
  };
};

/** Follows a run for as long as the page shows it. */
export const useRunFeed = (runId: string): Feed => {
  const [source] = useState(() => open(runId));
  useEffect(() => {
    const leaving = new AbortController();
    void source.follow(leaving.signal);
    return () => {
      leaving.abort();
      source.close();
    };
  }, [source]);
  return useSyncExternalStore(source.subscribe, source.read);
};
