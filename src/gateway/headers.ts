/** Which headers pass the gateway, in both directions. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Redaction } from './redact.ts';

/** What proves to the model service who is asking; both may be set, as in Anthropic's own clients. */
export interface Credentials {
  readonly apiKey: string | null;
  readonly authToken: string | null;
}

/**
 * Only headers of the Messages API pass. A list of what may is safer than one of what may not: a company's proxy can
 * give a meaning to any name (a user, a cost centre, a forwarded address), and a job must not speak in it.
 */
const MAY_GO = /^(?:accept|content-type|content-length|user-agent|x-app|anthropic-.+|x-stainless-.+|x-claude-.+)$/;

const STAYS_BEHIND = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'set-cookie',
  'set-cookie2',
  'alt-svc',
  'location',
  'date',
]);

const namedByConnection = (headers: IncomingHttpHeaders): string[] =>
  (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());

/** The tokens that a job presents; Claude Code sends a second one when its settings name a key helper. */
export const presentedTokens = (headers: IncomingHttpHeaders): string[] => {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const key = headers['x-api-key'];
  return [bearer, typeof key === 'string' ? key : undefined].filter((token) => token !== undefined);
};

/** Headers of the request to the model service: the job's, without what is the job's own, with the real credentials. */
export const towardsModel = (headers: IncomingHttpHeaders, credentials: Credentials): OutgoingHttpHeaders => {
  const dropped = namedByConnection(headers);
  const kept = Object.entries(headers).filter(([name]) => MAY_GO.test(name) && !dropped.includes(name));
  return {
    ...Object.fromEntries(kept),
    // Metering reads the answer's bytes, and a stream that was compressed would arrive late and in lumps.
    'accept-encoding': 'identity',
    ...(credentials.apiKey === null ? {} : { 'x-api-key': credentials.apiKey }),
    ...(credentials.authToken === null ? {} : { authorization: `Bearer ${credentials.authToken}` }),
  };
};

/** Headers of the answer to the job. `decoded`: the body was compressed and is not any more. */
export const towardsJob = (
  headers: IncomingHttpHeaders,
  redaction: Redaction,
  decoded: boolean,
): OutgoingHttpHeaders => {
  const dropped = [...namedByConnection(headers), ...(decoded ? ['content-encoding', 'content-length'] : [])];
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || STAYS_BEHIND.has(name) || dropped.includes(name)) continue;
    kept[name] = Array.isArray(value) ? value.map(redaction.text) : redaction.text(value);
  }
  return kept;
};
