/**
 * CONNECT: a tunnel to an admitted host, for TLS to that host alone.
 *
 *   asked ──admitted, connected──▶ 200 ──ClientHello names the host──▶ bytes pass both ways ──▶ closed
 *
 * Nothing of the client reaches the host before its ClientHello was read.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EgressRefusal } from '../../ports/egress.ts';
import { admit } from './admission.ts';
import { MAX_HELLO_BYTES, readClientHello, UNRECOGNIZED_NAME } from './client-hello.ts';
import { dial } from './dial.ts';
import { authorityOf, type Target, targetOf } from './host-rules.ts';
import { bodyOf, REFUSED } from './refusals.ts';
import type { Way } from './way.ts';

const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** How long a client may take to read the last that it is told. */
const LAST_WORD_MS = 5_000;

/** Says the last, and reads what still comes, since a connection that is closed over unread bytes may lose its answer. */
const endWith = (client: Duplex, last: string | Buffer): void => {
  const timer = setTimeout(() => client.destroy(), LAST_WORD_MS);
  client.once('close', () => clearTimeout(timer));
  client.resume();
  client.end(last);
};

/** Answers and ends a connection that becomes no tunnel. */
const answerRaw = (client: Duplex, status: string, body: string): void => {
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  endWith(client, `${head.join('\r\n')}\r\n\r\n${body}`);
};

export const openTunnel = async (way: Way, request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> => {
  client.on('error', () => client.destroy());
  const refuse = (refusal: EgressRefusal): void => {
    way.refused(refusal);
    answerRaw(client, '403 Forbidden', bodyOf(refusal));
  };
  const target = targetOf(request.url ?? '');
  if (target === null) return refuse(REFUSED.invalid(request.url ?? ''));
  const admission = await admit(way.admission, way.allow, target);
  if (admission.kind === 'refused') return refuse(admission.refusal);
  if (admission.kind === 'unknown_host') {
    return answerRaw(client, '502 Bad Gateway', `The name ${target.host} has no address now.\n`);
  }
  if (client.destroyed) return;
  const upstream = await dial(target, admission.addresses, way.bounds.connectMs, way.hold).catch(() => null);
  if (upstream === null) {
    return answerRaw(client, '502 Bad Gateway', `${authorityOf(target)} does not take the connection.\n`);
  }
  if (client.destroyed) {
    upstream.destroy();
    return;
  }
  client.write(ESTABLISHED);
  const hello = await helloOf(client, head, way.bounds.helloMs);
  const verdict = hello === null ? null : judgeHello(target, hello);
  if (hello === null || upstream.destroyed) {
    client.destroy();
    upstream.destroy();
    return;
  }
  if (verdict !== null) {
    way.refused(verdict);
    upstream.destroy();
    endWith(client, UNRECOGNIZED_NAME);
    return;
  }
  pass(client, upstream, hello, way.bounds.idleMs);
};

/** Null when the hello is for the host that the tunnel leads to. */
const judgeHello = (target: Target, bytes: Buffer): EgressRefusal | null => {
  const reading = readClientHello(bytes);
  if (reading.kind !== 'hello') return REFUSED.plain(target);
  if (reading.serverName === target.host) return null;
  if (reading.serverName !== null) return REFUSED.fronted(target);
  // There are no server names for addresses (RFC 6066), and one that got here was allowed by the operator.
  return target.kind === 'address' ? null : REFUSED.nameless(target);
};

/** The first bytes of the client, up to a whole hello or to what can be none; null when none came. */
const helloOf = (client: Duplex, head: Buffer, helloMs: number): Promise<Buffer | null> =>
  new Promise((resolve) => {
    // Room for what one packet may bring behind the hello.
    const held = Buffer.alloc(2 * MAX_HELLO_BYTES);
    let length = 0;
    const settle = (bytes: Buffer | null): void => {
      clearTimeout(timer);
      client.pause();
      client.off('data', take).off('end', gone).off('close', gone);
      resolve(bytes);
    };
    const gone = (): void => settle(null);
    const take = (bytes: Buffer): void => {
      const rest = bytes.subarray(0, held.length - length);
      rest.copy(held, length);
      length += rest.length;
      const soFar = held.subarray(0, length);
      if (readClientHello(soFar).kind === 'more' && length < held.length) return;
      settle(Buffer.concat([soFar, bytes.subarray(rest.length)]));
    };
    const timer = setTimeout(gone, helloMs);
    client.on('data', take).once('end', gone).once('close', gone);
    if (head.length > 0) take(head);
  });

/** `pipe` keeps each side as slow as the other one reads, and hands an end over as an end. */
const pass = (client: Duplex, upstream: Socket, first: Buffer, idleMs: number): void => {
  const cut = (): void => {
    client.destroy();
    upstream.destroy();
  };
  // Every byte of either direction passes this socket.
  upstream.setTimeout(idleMs, cut);
  upstream.on('error', cut).on('close', cut);
  client.on('close', cut);
  upstream.write(first);
  client.pipe(upstream);
  upstream.pipe(client);
};
