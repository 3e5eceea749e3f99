/** Reading a JSON body: never more than the limit in memory, and nothing but clean JSON out of it. */

import { cleanJson } from '../api/clean-json.ts';
import { HttpError } from '../api/errors.ts';
import { refuse } from '../api/faults.ts';
import { DomainError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';

const tooLarge = (limit: number): DomainError =>
  new DomainError('payload_too_large', `The body is larger than ${limit} bytes.`, {
    hint: 'Prompts may have 512 KiB. Let the agent fetch larger data from its source, or from a host in network.allow.',
  });

const readBytes = async (request: Request, limit: number): Promise<Uint8Array> => {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new DomainError('invalid_request', 'The body broke off.', { cause });
    });
    if (done) return Buffer.concat(chunks);
    size += value.length;
    if (size > limit) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
};

const requireJson = (contentType: string | null): void => {
  const [type = '', ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '');
  if (type === 'application/json' && (charset === undefined || charset === 'utf-8' || charset === 'utf8')) return;
  const given = contentType === null ? 'The body has no content type.' : 'The body is not declared as JSON in UTF-8.';
  throw new HttpError('unsupported_media_type', given, {
    hint: 'Send `Content-Type: application/json`.',
    headers: { 'accept-post': 'application/json' },
  });
};

/** RFC 9110 §15.5.16: the answer says by `Accept-Encoding` that it is the coding which is refused, not the type. */
const requireIdentity = (contentEncoding: string | null): void => {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim());
  if (codings.every((coding) => coding === '' || coding === 'identity')) return;
  throw new HttpError('unsupported_encoding', 'The body has a Content-Encoding; only `identity` is supported.', {
    hint: 'Send the JSON as it is, without Content-Encoding.',
    headers: { 'accept-encoding': 'identity' },
  });
};

const decodeText = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DomainError('invalid_request', 'The body is not valid UTF-8.');
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own words name the place, but quote the body, which may hold secrets.
    const at = /position (\d+)/.exec(String(error))?.[1];
    throw new DomainError(
      'invalid_request',
      `The body is not valid JSON${at === undefined ? '' : ` (at character ${at})`}.`,
    );
  }
};

/** The body as text, whatever it is declared as. */
export const readText = async (request: Request, limit: number): Promise<string> =>
  decodeText(await readBytes(request, limit));

/** The body as JSON, for callers whose declarations cannot be changed; null when it is none. */
export const readJson = async (request: Request, limit: number): Promise<unknown> => {
  try {
    return JSON.parse(await readText(request, limit));
  } catch {
    return null;
  }
};

/** The body as JSON; undefined when there is none. */
export const readBody = async (request: Request, limit: number): Promise<Json | undefined> => {
  const bytes = await readBytes(request, limit);
  if (bytes.length === 0) return undefined;
  requireIdentity(request.headers.get('content-encoding'));
  requireJson(request.headers.get('content-type'));
  const clean = cleanJson(parse(decodeText(bytes)));
  if (clean.ok) return clean.value;
  throw refuse('body', clean.faults);
};
