/**
 * The egress proxy: HTTP over a Unix socket, one for each place. A place has no network, so this is its only way to
 * hosts of the outside, and this looks at each: by the name that is asked for, by every address that the name has at
 * that moment, and by the name that the TLS connection is for.
 */
import { lookup as systemLookup } from 'node:dns/promises';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { basename, dirname } from 'node:path';
import type { Egress, EgressScope, EgressWay } from '../../ports/egress.ts';
import type { Logger } from '../../ports/logger.ts';
import { openSocket } from '../socket.ts';
import type { Lookup } from './admission.ts';
import { forward } from './forward.ts';
import { type HostRule, hostRuleOf } from './host-rules.ts';
import { createTeller } from './refusals.ts';
import { openTunnel } from './tunnel.ts';
import type { EgressBounds, Way } from './way.ts';

export interface EgressOptions {
  /** Hosts, `host[:port]`, that the operator lets have private addresses. They widen no allow list. */
  readonly privateHosts: readonly string[];
  readonly logger: Logger;
  /** The system's resolver when left out, with its hosts file. */
  readonly lookup?: Lookup;
  /** Addresses of this machine; those of its interfaces when left out. */
  readonly ownAddresses?: () => readonly string[];
  readonly bounds?: Partial<EgressBounds>;
}

const DEFAULT_BOUNDS: EgressBounds = {
  lookupMs: 10_000,
  connectMs: 15_000,
  helloMs: 15_000,
  idleMs: 300_000,
  maxConnections: 128,
};

const interfaceAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));

const rulesOf = (lines: readonly string[]): readonly HostRule[] =>
  lines.map(hostRuleOf).filter((rule): rule is HostRule => rule !== null);

/** Makes the proxy; it listens where `open` is told to, and nowhere else. */
export const createEgress = (options: EgressOptions): Egress => {
  const bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
  const logger = options.logger.child({ part: 'egress' });
  const admission = {
    lookup: options.lookup ?? (async (host) => (await systemLookup(host, { all: true })).map(({ address }) => address)),
    privateHosts: rulesOf(options.privateHosts),
    ownAddresses: options.ownAddresses ?? interfaceAddresses,
    lookupMs: bounds.lookupMs,
  };

  const open = async (scope: EgressScope): Promise<EgressWay> => {
    const sockets = new Set<Socket>();
    const way: Way = {
      admission,
      allow: rulesOf(scope.hosts),
      bounds,
      refused: createTeller((refusal) => scope.refused(refusal)),
      hold(socket) {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      },
    };
    const server = createProxyServer(way, logger);
    const socket = await openSocket(dirname(scope.socketPath), basename(scope.socketPath), server);
    let closing: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      server.close();
      for (const held of sockets) held.destroy();
      await socket.remove();
      server.closeAllConnections();
    };
    return {
      close() {
        closing ??= close();
        return closing;
      },
    };
  };
  return { open };
};

const createProxyServer = (way: Way, logger: Logger): Server => {
  const failed = (error: unknown): void => logger.error({ err: error }, 'a request to the egress proxy failed');
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: way.bounds.helloMs }, (request, response) => {
    forward(way, request, response).catch((error: unknown) => {
      failed(error);
      response.destroy();
    });
  });
  server.on('connect', (request, client, head) => {
    openTunnel(way, request, client, head).catch((error: unknown) => {
      failed(error);
      client.destroy();
    });
  });
  server.on('connection', (socket) => way.hold(socket));
  // A place cannot take the server's file descriptors by opening connections.
  server.maxConnections = way.bounds.maxConnections;
  server.on('error', (error) => logger.error({ err: error }, 'the socket of an egress proxy failed'));
  return server;
};
