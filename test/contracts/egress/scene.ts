/** An egress proxy with names of its own, and clients on its socket. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecure, type TLSSocket } from 'node:tls';
import { createEgress, type EgressOptions } from '../../../src/gateway/egress/egress.ts';
import type { Egress, EgressRefusal, EgressWay } from '../../../src/ports/egress.ts';
import { createLogger } from '../../../src/system/logger.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Tunnel extends Reply {
  /** Open after a 200. */
  readonly socket: Socket;
}

export interface Scene {
  readonly egress: Egress;
  readonly socketPath: string;
  readonly refusals: EgressRefusal[];
  /** What each name leads to, by turns; the last answer stays. */
  readonly names: Map<string, string[][]>;
  /** Names that were looked up. */
  readonly lookups: string[];
  open(...hosts: readonly string[]): Promise<EgressWay>;
  /** A request line and headers as they are. */
  raw(text: string): Promise<Reply>;
  get(url: string, headers?: OutgoingHttpHeaders): Promise<Reply>;
  connect(authority: string): Promise<Tunnel>;
  /** TLS through a tunnel, with a name of its own. */
  secure(socket: Socket, serverName: string): TLSSocket;
  close(): Promise<void>;
}

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
};

export const openScene = async (options: Partial<EgressOptions> = {}): Promise<Scene> => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-egress-'));
  const socketPath = join(dir, 'egress.sock');
  const refusals: EgressRefusal[] = [];
  const names = new Map<string, string[][]>();
  const lookups: string[] = [];
  const ways: EgressWay[] = [];
  const sockets: Socket[] = [];
  const egress = createEgress({
    privateHosts: [],
    logger: createLogger('warn', (line) => process.stderr.write(line)),
    lookup: async (host) => {
      lookups.push(host);
      const answers = names.get(host) ?? [];
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined) throw new Error(`no ${host}`);
      return answer;
    },
    ...options,
  });
  const ask = (path: string, headers: OutgoingHttpHeaders): Promise<Reply> =>
    new Promise((resolve, reject) => {
      request({ socketPath, path, headers, agent: false }, async (answer) => {
        const text = await textOf(answer).catch(() => '(cut)');
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      })
        .on('error', reject)
        .end();
    });
  return {
    egress,
    socketPath,
    refusals,
    names,
    lookups,
    async open(...hosts) {
      const way = await egress.open({ socketPath, hosts, refused: (refusal) => refusals.push(refusal) });
      ways.push(way);
      return way;
    },
    async raw(text) {
      const socket = connectPlain(socketPath);
      sockets.push(socket);
      socket.end(text);
      const [head = '', ...body] = (await textOf(socket)).split('\r\n\r\n');
      return { status: Number(head.split(' ')[1]), headers: {}, text: body.join('\r\n\r\n') };
    },
    get: (url, headers = {}) => ask(url, { host: new URL(url).host, ...headers }),
    async connect(authority) {
      const asked = request({ socketPath, method: 'CONNECT', path: authority, agent: false }).end();
      const [answer, socket, head] = await once(asked, 'connect');
      sockets.push(socket);
      socket.on('error', () => undefined);
      const text = answer.statusCode === 200 ? '' : head.toString() + (await textOf(socket).catch(() => ''));
      return { status: answer.statusCode, headers: answer.headers, text, socket };
    },
    secure: (socket, serverName) =>
      connectSecure({ socket, rejectUnauthorized: false, ...(serverName === '' ? {} : { servername: serverName }) }),
    async close() {
      for (const socket of sockets) socket.destroy();
      for (const way of ways) await way.close();
      await rm(dir, { recursive: true });
    },
  };
};

/** Asks for a path over an open TLS connection, and gives the answer. */
export const askOver = async (secure: TLSSocket, host: string): Promise<string> => {
  await once(secure, 'secureConnect');
  secure.write(`GET /path HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  return textOf(secure);
};
