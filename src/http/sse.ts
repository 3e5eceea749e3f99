/**
 * Server-sent events. The stream reads no further than its reader does, so that there is never more than one frame
 * waiting; a reader that takes nothing for a while loses its connection, and resumes by the last id that it saw.
 */
import { encodeEvent } from '../api/encode.ts';
import type { Delta, RunEvent } from '../core/events.ts';
import { onceFor } from '../core/once-for.ts';
import type { Followed } from '../engine/follow-run.ts';
import type { Clock } from '../ports/clock.ts';

const encoder = new TextEncoder();

// Many readers are told the same at the same time, so each is encoded once.
const frameOfEvent = onceFor((stored: RunEvent): string => {
  const event = encodeEvent(stored);
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
});

/** The same form as an event, but for what it does not have: a number, and with it a place in the log. */
const frameOfDelta = onceFor(
  (delta: Delta): string => `event: delta\ndata: ${JSON.stringify({ type: 'delta', data: delta })}\n\n`,
);

/** One frame. JSON has no line breaks outside its strings, and escapes those inside, so one `data:` line is enough. */
export const frameOf = (followed: Followed): string => {
  switch (followed.kind) {
    case 'event':
      return frameOfEvent(followed.event);
    case 'delta':
      return frameOfDelta(followed.delta);
    case 'idle':
      return ': ping\n\n';
  }
};

export interface EventStreamOptions {
  readonly clock: Clock;
  readonly stallMs: number;
  /** Ends the stream from our side. */
  readonly stopping: AbortSignal | undefined;
  /** Breaks the connection; false when there is none to break. */
  readonly breakOff: () => boolean;
  /** The reader did not read, and its connection was broken. */
  readonly onStall: () => void;
  /** The source failed; the connection is broken, so that the reader does not take it for the end. */
  readonly onFailure: (error: unknown) => void;
}

/** Counts what the reader takes; when a frame waits for longer than it may, the reader is dropped. */
const watchReader = async (
  state: { taken: number; waiting: boolean },
  options: EventStreamOptions,
  over: AbortSignal,
) => {
  while (!over.aborted) {
    const before = state.taken;
    await options.clock.sleep(options.stallMs, over);
    if (over.aborted || !state.waiting || state.taken !== before) continue;
    options.onStall();
    options.breakOff();
    return;
  }
};

async function* framesOf(events: AsyncIterable<Followed>): AsyncGenerator<string> {
  for await (const followed of events) yield frameOf(followed);
}

/** The answer that streams a run's events; see `sendFrames`. */
export const sendEvents = (
  follow: (signal: AbortSignal) => AsyncIterable<Followed>,
  options: EventStreamOptions,
): Response => sendFrames((signal) => framesOf(follow(signal)), options);

/** The answer that streams what `follow` yields; `follow` is told by its signal when nobody listens any more. */
export const sendFrames = (
  follow: (signal: AbortSignal) => AsyncIterable<string>,
  options: EventStreamOptions,
): Response => {
  const over = new AbortController();
  const signal = options.stopping === undefined ? over.signal : AbortSignal.any([over.signal, options.stopping]);
  const state = { taken: 0, waiting: false };
  let source: AsyncIterator<string> | null = null;

  const begin = (): AsyncIterator<string> => {
    watchReader(state, options, over.signal).catch(options.onFailure);
    return follow(signal)[Symbol.asyncIterator]();
  };

  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        state.taken += 1;
        state.waiting = false;
        if (source === null) {
          source = begin();
          // At once, so that the reader knows that it is connected, however long the first event takes.
          controller.enqueue(encoder.encode(': connected\n\n'));
        } else {
          try {
            const step = await source.next();
            // The reader left meanwhile: the stream is closed already, and nobody is there to be told anything.
            if (over.signal.aborted) return;
            if (step.done) {
              over.abort();
              controller.close();
              return;
            }
            controller.enqueue(encoder.encode(step.value));
          } catch (error) {
            over.abort();
            options.onFailure(error);
            if (!options.breakOff()) throw error;
            controller.close();
            return;
          }
        }
        state.waiting = true;
      },
      cancel: async () => {
        over.abort();
        await source?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      vary: 'accept',
    },
  });
};

/** Whether the `Accept` header asks for a stream rather than for JSON. */
export const wantsStream = (accept: string | undefined): boolean => {
  const weights = new Map(
    (accept ?? '').split(',').map((part) => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
      return [type, Number.isNaN(weight) ? 0 : weight] as const;
    }),
  );
  const stream = weights.get('text/event-stream') ?? 0;
  return stream > 0 && stream >= (weights.get('application/json') ?? 0);
};
