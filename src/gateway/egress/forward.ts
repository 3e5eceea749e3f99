/** Plain HTTP: a request in absolute form (RFC 9112 section 3.2.2), passed on to the host that its address names. */
import { type IncomingMessage, type ServerResponse, request as startRequest } from 'node:http';
import type { EgressRefusal } from '../../ports/egress.ts';
import { admit } from './admission.ts';
import { lookupOf } from './dial.ts';
import { authorityOf, targetOf } from './host-rules.ts';
import { bodyOf, REFUSED } from './refusals.ts';
import type { Way } from './way.ts';

/** Of one connection, and not of the message (RFC 9110 section 7.6.1); `host` and `expect` are answered for here. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const OURS = new Set(['host', 'expect']);

/** Headers to pass on, as they were written, those that `Connection` names left out. */
const passedHeaders = (message: IncomingMessage, also: ReadonlySet<string> = new Set()): string[] => {
  const named = (message.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const passed: string[] = [];
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = message.rawHeaders.slice(at, at + 2);
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !also.has(lower) && !named.includes(lower)) passed.push(name, value);
  }
  return passed;
};

const answer = (response: ServerResponse, status: number, body: string): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of the request's body is not read.
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(body);
};

const WRONG_FORM =
  'This is a proxy: ask for http:// addresses in absolute form, and for https by CONNECT. Check HTTP_PROXY and HTTPS_PROXY.\n';

export const forward = async (way: Way, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  request.on('error', () => response.destroy());
  const address = request.url ?? '';
  // The part up to the path, as it is written: no parser has to agree with another one about it.
  const parts = /^http:\/\/([^/?#\\@\s]+)((?:[/?][^#\s]*)?)$/i.exec(address);
  if (parts === null) {
    answer(response, 400, WRONG_FORM);
    return;
  }
  const refuse = (refusal: EgressRefusal): void => {
    way.refused(refusal);
    answer(response, 403, bodyOf(refusal));
  };
  const [, authority = '', rest = ''] = parts;
  const target = targetOf(authority, 80);
  if (target === null) return refuse(REFUSED.invalid(authority));
  const admission = await admit(way.admission, way.allow, target);
  if (admission.kind === 'refused') return refuse(admission.refusal);
  if (request.headers.upgrade !== undefined) return refuse(REFUSED.upgrade(target));
  if (admission.kind === 'unknown_host') return answer(response, 502, `The name ${target.host} has no address now.\n`);
  if (response.destroyed) return;
  const host = target.port === 80 ? authorityOf(target).replace(/:80$/, '') : authorityOf(target);
  const onward = startRequest({
    host: target.host,
    port: target.port,
    lookup: lookupOf(admission.addresses),
    method: request.method ?? 'GET',
    path: rest.startsWith('/') ? rest : `/${rest}`,
    headers: ['host', host, ...passedHeaders(request, OURS), ...bodyHeaders(request)],
    setHost: false,
    agent: false,
  });
  relay(way, request, response, onward, authorityOf(target));
};

/** A body without a length is chunked anew; without either there is none, and none is announced. */
const bodyHeaders = (request: IncomingMessage): string[] =>
  request.headers['transfer-encoding'] === undefined ? [] : ['transfer-encoding', 'chunked'];

const relay = (
  way: Way,
  request: IncomingMessage,
  response: ServerResponse,
  onward: ReturnType<typeof startRequest>,
  name: string,
): void => {
  const connecting = setTimeout(() => onward.destroy(), way.bounds.connectMs);
  onward.on('socket', (socket) => {
    way.hold(socket);
    socket.once('connect', () => clearTimeout(connecting));
  });
  onward.setTimeout(way.bounds.idleMs, () => onward.destroy());
  onward.on('error', () => {
    clearTimeout(connecting);
    answer(response, 502, `${name} did not answer.\n`);
  });
  response.on('close', () => {
    clearTimeout(connecting);
    onward.destroy();
  });
  onward.on('response', (reply) => {
    reply.on('error', () => response.destroy());
    reply.on('aborted', () => response.destroy());
    response.writeHead(reply.statusCode ?? 502, passedHeaders(reply));
    reply.pipe(response);
  });
  request.pipe(onward);
};
