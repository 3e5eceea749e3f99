/** The model service. */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { getCACertificates } from 'node:tls';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { DomainError } from '../core/errors.ts';
import { describeProxy, type ProxySettings, proxyFor } from './outgoing-proxy.ts';

/** A connection that was idle for longer is not used again: servers commonly drop theirs after five seconds. */
const IDLE_CONNECTION_MS = 4_000;

export interface UpstreamCall {
  readonly request: ClientRequest;
  readonly answer: Promise<IncomingMessage>;
}

export interface Upstream {
  /** Begins a POST; `path` starts with `/` and may have a query. */
  post(path: string, headers: OutgoingHttpHeaders, signal: AbortSignal): UpstreamCall;
  /** Sends a GET. */
  get(path: string, headers: OutgoingHttpHeaders, signal: AbortSignal): UpstreamCall;
  /** The address that all paths are below. */
  readonly baseUrl: URL;
  /** The proxy on the way; null when there is none. */
  readonly proxy: URL | null;
  close(): void;
}

const parseBase = (baseUrl: string): URL => {
  const url = URL.parse(baseUrl);
  const fit =
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (fit) return url;
  throw new DomainError('invalid_request', 'The address of the model service is not an http or https address.', {
    hint: 'Set ANTHROPIC_BASE_URL to one such as https://proxy.example/anthropic, without user, query or fragment.',
  });
};

/** What makes Node go by a proxy. What it is too old for is refused here, or requests would go without one. */
const byProxy = (proxy: URL | null): { readonly proxyEnv?: { HTTPS_PROXY: string; HTTP_PROXY: string } } => {
  if (proxy === null) return {};
  if (process.allowedNodeEnvironmentFlags.has('--use-env-proxy')) {
    return { proxyEnv: { HTTPS_PROXY: proxy.href, HTTP_PROXY: proxy.href } };
  }
  throw new DomainError('invalid_request', `Node ${process.version} cannot use the proxy ${describeProxy(proxy)}.`, {
    hint: 'Install Node 24.5 or later, or unset HTTPS_PROXY and HTTP_PROXY.',
  });
};

/**
 * @param baseUrl address that `/v1/messages` is below; may have a path of its own
 * @param authorities certificates in PEM form that vouch for the service, besides those of Node and of the system
 */
export const openUpstream = (baseUrl: string, proxies: ProxySettings, authorities: readonly string[]): Upstream => {
  const base = parseBase(baseUrl);
  const proxy = proxyFor(base, proxies);
  const prefix = base.pathname.replace(/\/+$/, '');
  const secure = base.protocol === 'https:';
  const keep = { keepAlive: true, timeout: IDLE_CONNECTION_MS, scheduling: 'lifo', ...byProxy(proxy) } as const;
  const openAgent = (): HttpAgent =>
    secure
      ? // A company's proxy has a certificate of the company, which the system knows and Node does not.
        new HttpsAgent({
          ...keep,
          ca: [...getCACertificates('default'), ...getCACertificates('system'), ...authorities],
        })
      : new HttpAgent(keep);
  // Opened by the first request: to read the system's certificates takes longer than the rest of the gateway's start.
  let agent: HttpAgent | null = null;
  const hostname = base.hostname.replace(/^\[|\]$/g, '');
  const call = (
    method: 'GET' | 'POST',
    path: string,
    headers: OutgoingHttpHeaders,
    signal: AbortSignal,
  ): UpstreamCall => {
    agent ??= openAgent();
    const options = { method, hostname, port: base.port || null, path: `${prefix}${path}`, headers, agent };
    const request = secure ? httpsRequest(options) : httpRequest(options);
    // Not as an option of the request: its connection, which serves others afterwards, would keep the signal, too.
    const cut = (): void => void request.destroy(signal.reason);
    if (signal.aborted) cut();
    else signal.addEventListener('abort', cut);
    const uncut = (): void => signal.removeEventListener('abort', cut);
    request.once('close', uncut);
    request.once('response', (whole) => whole.once('end', uncut));
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', reject);
      request.once('close', () => reject(new Error('the connection was closed')));
    });
    // Whoever awaits it sees the failure; a request that was given up has nobody who does.
    answer.catch(() => undefined);
    return { request, answer };
  };
  return {
    baseUrl: base,
    proxy,
    post: (path, headers, signal) => call('POST', path, headers, signal),
    get: (path, headers, signal) => {
      const sent = call('GET', path, headers, signal);
      sent.request.end();
      return sent;
    },
    close: () => agent?.destroy(),
  };
};

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** The decoder for an encoding that came although none was asked for; null when there is none. */
export const decoderFor = (encoding: string): (NodeJS.ReadWriteStream & Readable) | null =>
  DECODERS[encoding]?.() ?? null;

/** What a failed connection may say to a job: the kind of failure, not the address. */
export const whyUnreachable = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : 'the connection was lost';
};
