/** Bytes that a run left behind, streamed: whole or one range of them, and never as something that a browser runs. */
import { HttpError } from '../api/errors.ts';
import type { Blob } from '../ports/artifact-store.ts';
import type { Logger } from '../ports/logger.ts';
import { breakOff, type HttpContext } from './context.ts';

/** The bytes from `start` up to `end`, `end` not included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header (RFC 9110, section 14). Null, which means the whole, for none, for several ranges and for what
 * is no range of bytes; throws `range_not_satisfiable` for one that lies behind the end.
 */
export const readRange = (header: string | undefined, size: number): ByteRange | null => {
  const form = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
  if (form === null) return null;
  const [, first = '', last = ''] = form;
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  if (start < size && start < end) return { start, end };
  throw new HttpError('range_not_satisfiable', `There are ${size} bytes, and none in the range that was asked for.`, {
    headers: { 'content-range': `bytes */${size}` },
  });
};

async function* slice(blob: Blob, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  let left = end - start;
  if (left === 0) return;
  for await (const chunk of blob.read(start)) {
    yield chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= Math.min(left, chunk.length);
    if (left === 0) return;
  }
}

/**
 * An iterable as a stream that reads no further than its reader does, and lets go of its source when that leaves.
 * @param onFailure told of a failure of the source; true when it broke the connection
 */
const streamOf = (
  source: () => AsyncIterable<Uint8Array>,
  onFailure: (error: unknown) => boolean,
): ReadableStream<Uint8Array> => {
  let iterator: AsyncIterator<Uint8Array> | null = null;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        iterator ??= source()[Symbol.asyncIterator]();
        try {
          const step = await iterator.next();
          if (step.done) controller.close();
          else controller.enqueue(step.value);
        } catch (error) {
          if (!onFailure(error)) throw error;
          controller.close();
        }
      },
      cancel: async () => {
        await iterator?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
};

/** RFC 6266 with RFC 8187: a plain name for old readers, the exact one for the others. */
export const attachment = (name: string): string => {
  const plain = name.replace(/[^A-Za-z0-9._ -]/g, '_');
  const exact = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
};

interface Presentation {
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer with a blob, or with the part of it that the request's headers ask for. */
export const sendBlob = (c: HttpContext, logger: Logger, blob: Blob, shown: Presentation): Response => {
  const request = c.req.raw;
  const { type, headers = {} } = shown;
  // Blobs have no entity tag, so an If-Range cannot hold: then the whole is sent.
  const wanted = request.headers.has('if-range') ? undefined : (request.headers.get('range') ?? undefined);
  const range = readRange(wanted, blob.size);
  const { start, end } = range ?? { start: 0, end: blob.size };
  const onFailure = (error: unknown): boolean => {
    logger.error({ err: error, requestId: c.get('requestId') }, 'stored bytes could not be read');
    return breakOff(c);
  };
  const body = streamOf(() => slice(blob, { start, end }), onFailure);
  return new Response(body, {
    status: range === null ? 200 : 206,
    headers: {
      'content-type': type,
      'content-length': String(end - start),
      'accept-ranges': 'bytes',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'private, no-store',
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${blob.size}` }),
      ...headers,
    },
  });
};
