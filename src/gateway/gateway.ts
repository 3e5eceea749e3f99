/**
 * The gateway: the only way from a job to the model. It adds the credentials, which no place ever holds, meters what
 * the model answers, and ends a run at its budget.
 *
 * Each run has a socket of its own, open from `open` to `close`. Nothing is remembered but what the run's record
 * says, so after a restart, or in another process, `open` gives the same way again.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { isRunId, type RunId } from '../core/ids.ts';
import { isLive, type Run } from '../core/run.ts';
import type { Clock } from '../ports/clock.ts';
import type { Egress, EgressWay } from '../ports/egress.ts';
import { PLACE } from '../ports/executor.ts';
import type { Gateway, ModelAccess, Witness } from '../ports/gateway.ts';
import type { Logger } from '../ports/logger.ts';
import type { Credentials } from './headers.ts';
import { type Bounds, createLane, type GatewayParts, type Lane } from './lane.ts';
import type { ProxySettings } from './outgoing-proxy.ts';
import { createProxy } from './proxy.ts';
import { createRedaction } from './redact.ts';
import { openRunEgress } from './run-egress.ts';
import { isOrphaned, openRunSocket, type RunSocket, SOCKET_NAME } from './socket.ts';
import { runToken } from './tokens.ts';
import { openUpstream } from './upstream.ts';

export interface CommonOptions {
  readonly upstream: Credentials & {
    readonly baseUrl: string;
    readonly proxies: ProxySettings;
    readonly authorities: readonly string[];
  };
  /** 32 bytes, the same after a restart: the tokens of live runs are made from it. */
  readonly secret: Uint8Array;
  readonly witness: Witness;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bounds?: Partial<Bounds>;
}

export interface GatewayOptions extends CommonOptions {
  /** Opens the ways to other hosts of the runs that have any. */
  readonly egress: Egress;
  /** Directory with one directory for each live run; kept to its owner. */
  readonly socketsDir: string;
}

const DEFAULT_BOUNDS: Bounds = {
  firstByteMs: 600_000,
  idleMs: 600_000,
  maxRequestBytes: 67_108_864,
  maxInFlight: 64,
};

/** A name that is never looked up: the way is the socket. */
const BASE_URL = 'http://gateway.slipway';

/** What every way to the model is made of, whatever it begins with. */
export const partsOf = (options: CommonOptions): GatewayParts => {
  const { apiKey, authToken, baseUrl, proxies, authorities } = options.upstream;
  return {
    upstream: openUpstream(baseUrl, proxies, authorities),
    credentials: { apiKey, authToken },
    redaction: createRedaction([apiKey, authToken]),
    witness: options.witness,
    clock: options.clock,
    logger: options.logger.child({ part: 'gateway' }),
    bounds: { ...DEFAULT_BOUNDS, ...options.bounds },
  };
};

interface Way {
  readonly directory: string;
  readonly lane: Lane;
  readonly server: Server;
  readonly socket: RunSocket;
  /** Null when the run may reach no host. */
  readonly egress: EgressWay | null;
}

export const createGateway = (options: GatewayOptions): Gateway => {
  const parts = partsOf(options);
  const ways = new Map<RunId, Way>();
  /** Runs whose ways were open when a process was killed, and are open here until one drives them again. */
  const orphans = new Set<RunId>();

  const shut = async (way: Way): Promise<void> => {
    way.server.close();
    await way.egress?.close();
    await way.lane.close();
    way.socket.remove();
    way.server.closeAllConnections();
  };

  const openWay = async (run: Run): Promise<Way> => {
    const directory = join(options.socketsDir, run.id);
    const token = runToken(options.secret, run.id);
    // The record may be newer than what the caller has read, and what it has spent counts.
    const newest = (await parts.witness.find(run.id)) ?? run;
    const lane = createLane(parts, run.id, token, newest.costUsd);
    const server = createRunServer(parts, lane);
    prepare(options.socketsDir);
    const socket = await openRunSocket(directory, server);
    const egress = await openRunEgress({ ...parts, egress: options.egress }, run, directory).catch(async (error) => {
      await shut({ directory, lane, server, socket, egress: null });
      throw error;
    });
    const way: Way = { directory, lane, server, socket, egress };
    const former = ways.get(run.id);
    ways.set(run.id, way);
    if (former !== undefined) await shut(former);
    return way;
  };

  const open = async (run: Run): Promise<ModelAccess> => {
    const kept = orphans.delete(run.id) ? ways.get(run.id) : undefined;
    // Another process may have driven the run meanwhile, over a socket of its own.
    const way = kept?.socket.isOurs() === true ? kept : await openWay(run);
    return {
      env: accessEnv(way.lane.token),
      socketDir: way.directory,
      async close() {
        const last = way.socket.isOurs();
        await shut(way);
        // A later `open`, here or in another process, owns the name now, and the directory with it.
        if (ways.get(run.id) === way) ways.delete(run.id);
        if (last) rmSync(way.directory, { recursive: true, force: true });
      },
    };
  };

  return {
    open,
    async start() {
      prepare(options.socketsDir);
      for (const run of await sweep(options.socketsDir, parts)) {
        try {
          await openWay(run);
          orphans.add(run.id);
        } catch (error) {
          // Opened again when the run is driven: one run must not keep the server from starting.
          parts.logger.warn({ err: error, runId: run.id }, 'the way of a run whose server was killed is not open yet');
        }
      }
    },
    async stop() {
      // Directories stay: a job that outlives this process has its directory mounted, and the next one listens there.
      await Promise.all([...ways.values()].map(shut));
      ways.clear();
      parts.upstream.close();
    },
  };
};

const prepare = (socketsDir: string): void => {
  mkdirSync(socketsDir, { recursive: true, mode: 0o700 });
  chmodSync(socketsDir, 0o700);
};

/**
 * Removes what a process that died left of runs that are over. Gives those that go on without a way to the model: their
 * agents ask again and again meanwhile, and would have to wait until the lease of the dead has run out.
 */
const sweep = async (socketsDir: string, parts: GatewayParts): Promise<readonly Run[]> => {
  const orphaned: Run[] = [];
  for (const name of await readdir(socketsDir)) {
    if (!isRunId(name)) continue;
    const run = await parts.witness.find(name);
    if (run === null || !isLive(run)) await rm(join(socketsDir, name), { recursive: true, force: true });
    else if (await isOrphaned(join(socketsDir, name))) orphaned.push(run);
  }
  return orphaned;
};

/**
 * What leads Claude Code here. Tried with 2.1.197: a key and a token both work without a word, and a key is what it
 * also takes where it ignores tokens. With the socket set, neither settings nor project files can move the address.
 */
const accessEnv = (token: string): Readonly<Record<string, string>> => ({
  ANTHROPIC_UNIX_SOCKET: `${PLACE.sockets}/${SOCKET_NAME}`,
  ANTHROPIC_BASE_URL: BASE_URL,
  ANTHROPIC_API_KEY: token,
});

const createRunServer = (parts: GatewayParts, lane: Lane): Server => {
  const server = createServer(
    {
      // A client that keeps its connection longer than we do would lose a request on it.
      keepAliveTimeout: parts.bounds.idleMs,
      requestTimeout: parts.bounds.firstByteMs,
    },
    createProxy(parts, lane),
  );
  // A job cannot take the server's file descriptors by opening connections.
  server.maxConnections = 2 * parts.bounds.maxInFlight;
  server.on('error', (error) => lane.logger.error({ err: error }, 'the socket of a run failed'));
  return server;
};
