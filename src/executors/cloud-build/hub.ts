/**
 * Where posted output meets whoever reads it in this process. Nothing is kept for nobody: the build's log has the same,
 * a little later, and so another process's reader misses nothing.
 */
import type { Clock } from '../../ports/clock.ts';
import { type Place, placeOf } from './names.ts';
import { decodeFrame, type Frame, isSame } from './runner/frame.ts';

/** One reader's frames as they come, and its bell. */
export interface Feed {
  /** What has come since the last call. */
  take(): readonly Frame[];
  /** Resolves after `ms`, or as soon as there is something. */
  wait(ms: number): Promise<void>;
  ring(): void;
  close(): void;
}

/** `nobody`: it is in order, and no reader of this process waits for it. */
export type Taken = 'taken' | 'nobody' | 'refused';

export interface Hub {
  /** Whether the token is that of the place, so that nothing of anybody else's has to be read. */
  knows(ref: string, token: string): boolean;
  /** Output that a place posted: its frames, a line each. */
  accept(ref: string, token: string, text: string): Taken;
  listen(place: Place): Feed;
}

/** A reader that is behind by more loses what was posted, and takes it from the log. */
const MOST_BYTES = 4_194_304;

interface Reader {
  push(frames: readonly Frame[]): void;
}

export const createHub = (secret: Uint8Array, clock: Clock): Hub => {
  const readers = new Map<string, Set<Reader>>();
  const genuine = (ref: string, token: string): Place | null => {
    const place = placeOf(secret, ref);
    return place !== null && isSame(token, place.token) ? place : null;
  };
  return {
    knows: (ref, token) => genuine(ref, token) !== null,
    accept: (ref, token, text) => {
      const place = genuine(ref, token);
      if (place === null) return 'refused';
      const waiting = readers.get(ref);
      if (waiting === undefined) return 'nobody';
      const frames = framesIn(place.key, text);
      for (const reader of waiting) reader.push(frames);
      return 'taken';
    },
    listen: (place) => {
      const own = readers.get(place.ref) ?? new Set();
      readers.set(place.ref, own);
      const { feed, reader } = createFeed(clock, () => {
        own.delete(reader);
        if (own.size === 0 && readers.get(place.ref) === own) readers.delete(place.ref);
      });
      own.add(reader);
      return feed;
    },
  };
};

/** The frames among the lines of a text. */
export const framesIn = (key: Uint8Array, text: string): readonly Frame[] =>
  text
    .split('\n')
    .map((line) => decodeFrame(key, line))
    .filter((frame) => frame !== null);

const createFeed = (clock: Clock, onClose: () => void): { readonly feed: Feed; readonly reader: Reader } => {
  let frames: Frame[] = [];
  let bytes = 0;
  let rung = false;
  let waiting: AbortController | null = null;
  const ring = (): void => {
    rung = true;
    waiting?.abort();
  };
  const reader: Reader = {
    push: (fresh) => {
      if (bytes > MOST_BYTES) {
        frames = [];
        bytes = 0;
      }
      frames.push(...fresh);
      bytes += fresh.reduce((sum, frame) => sum + frame.bytes.length, 0);
      ring();
    },
  };
  const feed: Feed = {
    take: () => {
      const taken = frames;
      frames = [];
      bytes = 0;
      return taken;
    },
    wait: async (ms) => {
      if (!rung) {
        waiting = new AbortController();
        await clock.sleep(ms, waiting.signal);
        waiting = null;
      }
      rung = false;
    },
    ring,
    close: onClose,
  };
  return { feed, reader };
};
