/**
 * A run's events as they come, over any number of connections: after a break the reader goes on behind the last
 * event that it had, and it ends behind the run's last event. What it never does is end silently in between.
 */
import { type ClientOptions, ProblemError, send, UnreachableError } from './http.ts';
import { messagesOf } from './messages.ts';

/** An event as the server sends it. Deltas have no number. */
export interface WireEvent {
  readonly seq: number | null;
  readonly at: string | null;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a reader is told. */
export type Heard =
  | { readonly kind: 'event'; readonly event: WireEvent }
  /** The connection broke; a new one is tried after `inMs`. */
  | { readonly kind: 'reconnecting'; readonly inMs: number };

const LAST_TYPES = new Set(['run.succeeded', 'run.failed', 'run.timed_out', 'run.cancelled', 'run.skipped']);
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
/** A server says something every 15 seconds, if only that it is there. */
const SILENCE_MS = 45_000;
/** A server that is busy takes the reader again later. */
const TOO_MANY = 429;

export interface FollowOptions {
  /** Number of the last event that the reader has; 0 for all. */
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** Called for each connection that stands. */
  readonly onConnected?: () => void;
  /** How many connections in a row may fail before the reader gives up; for ever when left out. */
  readonly maxFailures?: number;
  /** After how many milliseconds without a byte a connection counts as broken; three of the server's signs of life. */
  readonly silenceMs?: number;
}

/** Throws ProblemError when the server refuses, UnreachableError when `maxFailures` is used up. */
export async function* followEvents(
  client: ClientOptions,
  runId: string,
  options: FollowOptions = {},
): AsyncGenerator<Heard> {
  let seq = options.after ?? 0;
  let failures = 0;
  const gone = (): boolean => options.signal?.aborted === true;
  while (!gone()) {
    try {
      const messages = await connect(client, runId, seq, options);
      // The reader had the last event already.
      if (messages === null) return;
      options.onConnected?.();
      for await (const event of messages) {
        failures = 0;
        if (event.seq !== null) {
          if (event.seq <= seq) continue;
          seq = event.seq;
        }
        yield { kind: 'event', event };
        if (LAST_TYPES.has(event.type)) return;
      }
    } catch (error) {
      if (gone()) return;
      if (error instanceof ProblemError && error.status < 500 && error.status !== TOO_MANY) throw error;
      if (failures + 1 >= (options.maxFailures ?? Number.POSITIVE_INFINITY)) {
        throw error instanceof UnreachableError ? error : new UnreachableError(client.url, error);
      }
    }
    const inMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
    failures += 1;
    yield { kind: 'reconnecting', inMs };
    await sleep(inMs, options.signal);
  }
}

/** The events of one connection; null when the server says that there are no more. */
const connect = async (
  client: ClientOptions,
  runId: string,
  after: number,
  { signal, silenceMs = SILENCE_MS }: FollowOptions,
): Promise<AsyncIterable<WireEvent> | null> => {
  const silence = new AbortController();
  const response = await send(client, 'GET', `/runs/${encodeURIComponent(runId)}/events?after=${after}`, undefined, {
    headers: { accept: 'text/event-stream' },
    signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
  });
  if (response.status === 204 || response.body === null) return null;
  return eventsOf(response.body, () => silence.abort(), silenceMs);
};

/** A connection that was cut without a word stands for ever, so silence is what tells of it. */
async function* eventsOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onSilence: () => void,
  silenceMs: number,
): AsyncGenerator<WireEvent> {
  let timer = setTimeout(onSilence, silenceMs);
  const heard = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (bytes, controller) => {
      clearTimeout(timer);
      timer = setTimeout(onSilence, silenceMs);
      controller.enqueue(bytes);
    },
  });
  try {
    for await (const message of messagesOf(body.pipeThrough(heard))) {
      const event: Partial<WireEvent> = JSON.parse(message.data);
      yield {
        seq: message.id === undefined ? null : Number(message.id),
        at: event.at ?? null,
        type: message.event ?? event.type ?? 'message',
        data: event.data ?? {},
      };
    }
  } finally {
    clearTimeout(timer);
  }
}

const sleep = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
