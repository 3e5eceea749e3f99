/** The Google services that Slipway uses and that have no official emulator, on one loopback port. See README.md. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiError, bodyOf, errorOf, notFound } from './api-error.ts';
import { type CloudBuild, createCloudBuild } from './cloud-build-api.ts';
import { createFaults, type Faults } from './faults.ts';
import { type Call, type JsonObject, type Route, textAt } from './http.ts';
import { createIdentity, type Identity } from './identity.ts';
import { createObjects, type Objects } from './objects.ts';
import { createPush, type Push } from './push.ts';
import type { Image } from './sandbox.ts';
import { createSecrets } from './secrets.ts';
import { createStorageApi } from './storage-api.ts';

export interface EmulatorOptions {
  readonly buckets?: readonly string[];
  /** Secret Manager's values by short name. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Images besides `node:24`, by name. */
  readonly images?: Readonly<Record<string, Image>>;
  /** Builds at once. */
  readonly concurrency?: number;
  /** Between two writes of a log; in reality 1,000. */
  readonly logFlushMs?: number;
  /** How much later log lines come. */
  readonly logLateMs?: number;
}

export interface Emulator {
  readonly url: string;
  readonly faults: Faults;
  readonly cloudBuild: CloudBuild;
  readonly objects: Objects;
  readonly identity: Identity;
  /** Every request: `METHOD /path?query`. */
  readonly requests: readonly string[];
  setConcurrency(count: number): void;
  /** Pushes the status of every build to an address, signed for `audience` as `email`. */
  subscribe(endpoint: string, audience: string, email: string, twice?: boolean): void;
  /** Ends all builds. */
  close(): Promise<void>;
}

const NODE = resolve(import.meta.dirname, '../../../node_modules/node/bin/node');

/** What every Node.js image has. */
export const NODE_IMAGE: Image = { files: { '/usr/local/bin/node': NODE }, entrypoint: 'node' };
const DEBIAN: Image = { files: {}, entrypoint: '/bin/sh' };

export const openEmulator = async (options: EmulatorOptions = {}): Promise<Emulator> => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-google-'));
  for (const name of ['objects', 'builds']) await mkdir(join(dir, name));
  const faults = createFaults();
  const objects = createObjects(join(dir, 'objects'));
  const identity = createIdentity();
  const secrets = createSecrets(options.secrets ?? {});
  const requests: string[] = [];
  const pushes: Push[] = [];
  let concurrency = options.concurrency ?? 8;
  let routes: readonly Route[] = [];

  const server = createServer((request, response) => {
    void handle(request, response);
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = `${request.method} ${request.url}`;
    requests.push(name);
    try {
      const hits = faults.take(name);
      for (const { delayMs } of hits) if (delayMs !== undefined) await new Promise((done) => setTimeout(done, delayMs));
      const status = hits.find((fault) => fault.status !== undefined)?.status;
      if (status !== undefined) throw errorOf(status);
      if (hits.some(({ loseAnswer }) => loseAnswer === true)) lose(response);
      await dispatch(routes, request, response);
    } catch (error) {
      const known = error instanceof ApiError ? error : new ApiError(500, 'INTERNAL', String(error));
      if (response.headersSent) response.destroy();
      else response.writeHead(known.code, { 'content-type': 'application/json; charset=UTF-8' }).end(bodyOf(known));
    }
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address: AddressInfo | string | null = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;

  const cloudBuild = createCloudBuild({
    around: {
      dir: join(dir, 'builds'),
      objects,
      images: { 'node:24': NODE_IMAGE, debian: DEBIAN, ...options.images },
      env: { GCE_METADATA_HOST: `127.0.0.1:${port}` },
      logPace: { flushMs: options.logFlushMs ?? 1_000, lateMs: options.logLateMs ?? 0 },
      secret: secrets.access,
    },
    concurrency: () => concurrency,
    published: (build: JsonObject) => {
      const attributes = { buildId: textAt(build, 'id') ?? '', status: textAt(build, 'status') ?? '' };
      for (const push of pushes) push.publish(build, attributes);
    },
  });
  const buckets = new Set([...(options.buckets ?? ['bucket']), 'demo_cloudbuild']);
  routes = [identity.route, secrets.route, createStorageApi(objects, buckets), cloudBuild.route];

  return {
    url: `http://127.0.0.1:${port}`,
    faults,
    cloudBuild,
    objects,
    identity,
    requests,
    setConcurrency: (count) => {
      concurrency = count;
      cloudBuild.wake();
    },
    subscribe: (endpoint, audience, email, twice = false) => {
      const claims = { aud: audience, email, sub: email };
      pushes.push(createPush({ endpoint, twice, token: () => identity.idToken(claims) }));
    },
    close: async () => {
      for (const push of pushes) push.close();
      await cloudBuild.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(dir, { recursive: true, force: true });
    },
  };
};

/** The request is carried out; whoever sent it never hears of it. */
const lose = (response: ServerResponse): void => {
  const { socket } = response;
  Object.assign(response, {
    writeHead: () => response,
    end: () => {
      socket?.destroy();
      return response;
    },
  });
};

const dispatch = async (
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://emulator');
  const call: Call = { method: request.method ?? 'GET', path: pathname, query: searchParams, request, response };
  for (const route of routes) if (await route(call)) return;
  throw notFound(`The emulator has no ${call.method} ${pathname}`);
};
