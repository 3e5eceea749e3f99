/** Listening: the server as something that has an address and can be closed. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { HttpEnv } from './context.ts';

export interface Listening {
  readonly url: string;
  /** Takes no more requests, and ends the open ones. */
  close(): Promise<void>;
}

/** Whoever takes the requests below a path as they are: the path is taken off, and nothing else is done to them. */
export interface Passage {
  /** Without a slash at its end. */
  readonly path: string;
  readonly handle: RequestListener;
}

/** Rejects when the address cannot be listened at. `port` 0 takes a free one. */
export const listen = async (
  app: Hono<HttpEnv>,
  { host, port }: { readonly host: string; readonly port: number },
  passage: Passage | null,
): Promise<Listening> => {
  const answer = getRequestListener(app.fetch);
  const server = createServer((request, response) => {
    if (passage === null || request.url?.startsWith(`${passage.path}/`) !== true) {
      void answer(request, response);
      return;
    }
    request.url = request.url.slice(passage.path.length);
    passage.handle(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { url: addressOf(server, host, port), close: () => close(server) };
};

const close = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    // Streams stay open for as long as their run goes on; their readers resume elsewhere.
    server.closeAllConnections();
  });

const addressOf = (server: Server, host: string, port: number): string => {
  const address: AddressInfo | string | null = server.address();
  const actual = address !== null && typeof address === 'object' ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${actual}`;
};
