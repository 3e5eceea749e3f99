/** A `multipart/related` upload: the object's metadata as JSON, then its content. */
import type { IncomingMessage } from 'node:http';
import { invalidArgument } from './api-error.ts';
import { type JsonObject, parseObject, readAll } from './http.ts';

export interface Multipart {
  readonly metadata: JsonObject;
  readonly contentType: string;
  readonly content: AsyncIterable<Uint8Array>;
}

const BREAK = '\r\n\r\n';

/** Reads it whole: the emulator's uploads of this kind are small. A body that breaks off is no upload. */
export const readMultipart = async (request: IncomingMessage): Promise<Multipart> => {
  const boundary = /boundary="?([^";]+)"?/.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw invalidArgument('A multipart upload needs a boundary.');
  const body = await readAll(request);
  const [first, second] = partsOf(body, `--${boundary}`);
  if (first === undefined || second === undefined) throw invalidArgument('The multipart upload has no two parts.');
  const head = second.subarray(0, second.indexOf(BREAK)).toString();
  return {
    metadata: parseObject(first.subarray(first.indexOf(BREAK) + BREAK.length).toString()),
    contentType: /^content-type: *(.+)$/im.exec(head)?.[1]?.trim() ?? 'application/octet-stream',
    content: (async function* () {
      yield second.subarray(second.indexOf(BREAK) + BREAK.length);
    })(),
  };
};

const partsOf = (body: Buffer, delimiter: string): readonly Buffer[] => {
  const parts: Buffer[] = [];
  let at = body.indexOf(delimiter);
  while (at >= 0) {
    const next = body.indexOf(`\r\n${delimiter}`, at + delimiter.length);
    if (next < 0) break;
    // Behind the delimiter's line break, up to the one in front of the next delimiter.
    parts.push(body.subarray(at + delimiter.length + 2, next));
    at = next + 2;
  }
  if (!body.subarray(at).toString('latin1').startsWith(`${delimiter}--`)) {
    throw invalidArgument('The multipart upload has no end.');
  }
  return parts;
};
