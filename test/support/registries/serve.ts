/** A web server on loopback that counts what it is asked for, and can keep who asks waiting. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { TlsIdentity } from '../network/self-signed.ts';

export interface LocalServer {
  /** `http://localhost:<port>`, or `https:`. */
  readonly url: string;
  /** `localhost:<port>`. */
  readonly host: string;
  /** Method and path of each request, oldest first. */
  readonly asked: string[];
  /** From now on nobody is answered; resolves when the next one asks. */
  hold(): Promise<void>;
  /** Answers who waits, and everybody after. */
  letGo(): void;
  close(): Promise<void>;
}

export type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

/** @param tls makes it an https server */
export const serveLocally = async (answer: Answerer, tls: TlsIdentity | null = null): Promise<LocalServer> => {
  const asked: string[] = [];
  let held: PromiseWithResolvers<void> | null = null;
  let heard: PromiseWithResolvers<void> | null = null;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    asked.push(`${request.method} ${request.url}`);
    heard?.resolve();
    await held?.promise;
    answer(request, response);
  };
  const server = tls === null ? createServer(handle) : createSecureServer({ ...tls }, handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const host = `localhost:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    url: `${tls === null ? 'http' : 'https'}://${host}`,
    host,
    asked,
    hold: () => {
      held = Promise.withResolvers();
      heard = Promise.withResolvers();
      return heard.promise;
    },
    letGo: () => {
      held?.resolve();
      held = null;
    },
    close: async () => {
      held?.resolve();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
