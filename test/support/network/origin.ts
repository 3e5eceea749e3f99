/** Servers of the outside: http and https, on ports of this machine, that say what reached them. */
import {
  createServer as createPlain,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from './self-signed.ts';

export interface Origin {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly cert: string;
  /** `method host path` of each request. */
  readonly requests: string[];
  /** Connections that were made, whatever came of them. */
  connections(): number;
  /** Answers from now on. */
  answer(listener: RequestListener): void;
  close(): Promise<void>;
}

/** Opens one on an address of this machine. */
export const openOrigin = async (names: readonly string[], address = '127.0.0.1'): Promise<Origin> => {
  const requests: string[] = [];
  let connections = 0;
  let listener: RequestListener = (_request, response) => response.end('from the outside');
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.headers.host} ${request.url}`);
    listener(request, response);
  };
  const identity = selfSigned(...names);
  const [plain, secure] = [createPlain(handle), createSecure(identity, handle)];
  const servers = [plain, secure];
  for (const server of servers) {
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
  }
  return {
    httpPort: (plain.address() as AddressInfo).port,
    httpsPort: (secure.address() as AddressInfo).port,
    cert: identity.cert,
    requests,
    connections: () => connections,
    answer(next) {
      listener = next;
    },
    async close() {
      for (const server of servers) {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      }
    },
  };
};
