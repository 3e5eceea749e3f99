/**
 * What an execution prints, by two ways under one cursor: posted batches, and the build's log where batches are missing.
 * Every frame has its offset, so it does not matter how often it comes. At the end the uploaded streams are the truth.
 */
import type { Offset } from '../../core/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Exit, OutputChunk } from '../../ports/executor.ts';
import type { Hub } from './hub.ts';
import { type LogReader, openLog } from './log.ts';
import type { Place } from './names.ts';
import type { Frame } from './runner/frame.ts';
import { OBJECTS } from './runner/job-file.ts';
import type { Google } from './transport.ts';

export interface OutputSource {
  readonly google: Pick<Google, 'read' | 'stream'>;
  readonly hub: Hub;
  readonly clock: Clock;
  readonly place: Place;
  readonly buildId: string;
  exit(): Promise<Exit>;
  /** A frame said that this is the end. */
  onEnd(): void;
  /** Between two looks at the log, in milliseconds. */
  readonly logMs: number;
}

const CHUNK_BYTES = 65_536;
const STREAMS = ['stdout', 'stderr'] as const;
/** While posted batches come, the log is left alone. */
const POSTED_LOOKS = 5;

/** Never holds more than a few pieces. An abandoned iterator lets go at once. */
export const readOutput = (source: OutputSource, from: Offset): AsyncIterable<OutputChunk> => ({
  [Symbol.asyncIterator]: () => {
    const feed = source.hub.listen(source.place);
    const state = { ended: false, abandoned: false };
    void source.exit().then(() => {
      state.ended = true;
      feed.ring();
    });
    const chunks = chunksOf(source, from, state, feed);
    return {
      next: async () => {
        const result = await chunks.next();
        if (result.done === true) feed.close();
        return result;
      },
      return: async () => {
        state.abandoned = true;
        // Without it, a `next` that waits for more would keep `return` waiting behind it.
        feed.ring();
        feed.close();
        await chunks.return(undefined);
        return { done: true, value: undefined };
      },
    };
  },
});

async function* chunksOf(
  source: OutputSource,
  from: Offset,
  state: { readonly ended: boolean; readonly abandoned: boolean },
  feed: ReturnType<Hub['listen']>,
): AsyncGenerator<OutputChunk, undefined> {
  const { clock, logMs } = source;
  const log = openLog(source.google, source.buildId, source.place.key);
  const cursor = createCursor(from);
  let lookAt = 0;
  while (!state.abandoned) {
    if (state.ended) {
      yield* theRest(source, cursor, log);
      return;
    }
    const posted = feed.take();
    const gap = posted.some((frame) => cursor.isAhead(frame));
    if (posted.length > 0 && !gap) lookAt = clock.now() + POSTED_LOOKS * logMs;
    let frames = posted;
    if (gap || clock.now() >= lookAt) {
      const read = await log.next().catch(() => ({ frames: [], more: false }));
      lookAt = clock.now() + (read.more ? 0 : logMs);
      // The log first: it may fill the gap in front of what was posted.
      frames = [...read.frames, ...posted];
    }
    if (frames.some(({ stream }) => stream === 'end')) source.onEnd();
    for (const frame of frames) yield* cursor.chunks(frame);
    if (frames.length === 0) await feed.wait(Math.max(1, lookAt - clock.now()));
  }
}

interface Cursor {
  readonly at: Offset;
  /** Something before this frame is missing. */
  isAhead(frame: Frame): boolean;
  /** What is new in a frame, in small pieces. */
  chunks(frame: Frame): Iterable<OutputChunk>;
}

const createCursor = (from: Offset): Cursor => {
  let at = from;
  return {
    get at() {
      return at;
    },
    isAhead: ({ stream, offset }) => stream !== 'end' && offset > at[stream],
    *chunks({ stream, offset, bytes }) {
      if (stream === 'end' || offset > at[stream]) return;
      const fresh = bytes.subarray(at[stream] - offset);
      for (let done = 0; done < fresh.length; done += CHUNK_BYTES) {
        const piece = fresh.subarray(done, done + CHUNK_BYTES);
        at = { ...at, [stream]: at[stream] + piece.length };
        yield { stream, bytes: piece, next: at };
      }
    },
  };
};

/** The end: what was uploaded, or, when the place was ended by force, whatever the log has. */
async function* theRest(source: OutputSource, cursor: Cursor, log: LogReader): AsyncGenerator<OutputChunk> {
  let uploaded = false;
  for (const stream of STREAMS) {
    const name = `${source.place.results}${OBJECTS[stream]}`;
    const bytes = await source.google.stream(name, cursor.at[stream]);
    if (bytes === null) continue;
    uploaded = true;
    for await (const piece of bytes) yield* cursor.chunks({ stream, offset: cursor.at[stream], bytes: piece });
  }
  if (uploaded || (await source.google.read(`${source.place.results}${OBJECTS.end}`)) !== null) return;
  for (let more = true; more; ) {
    const read = await log.next();
    more = read.frames.length > 0 || read.more;
    for (const frame of read.frames) yield* cursor.chunks(frame);
  }
}
