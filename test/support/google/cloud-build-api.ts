/**
 * Cloud Build v1 over REST, global and regional.
 *
 * A build is QUEUED until one of `concurrency` places is free, then WORKING, then one of the final statuses. It EXPIRES
 * when its `queueTtl` ends first. Every change of status is published.
 */
import { randomUUID } from 'node:crypto';
import { invalidArgument, notFound } from './api-error.ts';
import { type Build, isOver, resourceOf, type Status } from './build.ts';
import { parseFilter } from './filter.ts';
import { type Call, type JsonObject, parseObject, type Route, readAll, sendJson } from './http.ts';
import { readBuild } from './read-build.ts';
import { type RunningBuild, runBuild, type Surroundings } from './run-build.ts';

/** Above this a build is accepted, and never starts. */
const LARGEST_MESSAGE = 131_072;
const DEFAULT_PAGE = 50;
const MAX_PAGE = 1_000;

export interface CloudBuild {
  readonly route: Route;
  /** All builds that were ever created, the newest last. */
  readonly builds: readonly Build[];
  /** Takes a build out of the API, running or not: nobody can find it any more. */
  vanish(id: string): void;
  /** Ends a running build as a fault of the service would. */
  fail(id: string): void;
  /** Starts what may start, after a change of the concurrency. */
  wake(): void;
  /** Ends everything that runs; resolves when nothing is alive. */
  close(): Promise<void>;
}

export interface CloudBuildOptions {
  readonly around: Surroundings;
  /** Builds at once; the others stay QUEUED. */
  concurrency(): number;
  published(build: JsonObject): void;
}

const COLLECTION = /^\/v1\/projects\/([^/]+)(?:\/locations\/([^/]+))?\/builds$/;
const ONE = /^\/v1\/projects\/([^/]+)(?:\/locations\/([^/]+))?\/builds\/([^/:]+)(?::(\w+))?$/;
const OPERATION = /^\/v1\/(?:projects\/[^/]+\/locations\/[^/]+\/)?operations\/(?:build\/[^/]+\/)?([^/:]+)$/;

export const createCloudBuild = (options: CloudBuildOptions): CloudBuild => {
  const builds: Build[] = [];
  const running = new Map<string, RunningBuild>();
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;

  const settle = (build: Build, status: Status, detail: string | null): void => {
    build.status = status;
    build.statusDetail = detail;
    build.finishedAt = Date.now();
    clearTimeout(timers.get(build.id));
    timers.delete(build.id);
    options.published(resourceOf(build));
    schedule();
  };

  const schedule = (): void => {
    if (closed) return;
    for (const build of builds) {
      if (running.size >= options.concurrency()) return;
      if (build.status !== 'QUEUED' || build.bytes > LARGEST_MESSAGE) continue;
      build.status = 'WORKING';
      build.startedAt = Date.now();
      options.published(resourceOf(build));
      const run = runBuild(build, options.around);
      running.set(build.id, run);
      void run.done.then(({ status, detail }) => {
        running.delete(build.id);
        settle(build, status, detail);
      });
    }
  };

  const create = async (call: Call, project: string, location: string): Promise<true> => {
    const sent = parseObject((await readAll(call.request)).toString());
    const build = readBuild(sent, { id: randomUUID(), project, location, now: Date.now() });
    builds.push(build);
    const expire = (): void => {
      if (build.status === 'QUEUED') settle(build, 'EXPIRED', 'build expired in queue');
    };
    timers.set(build.id, setTimeout(expire, build.queueTtlMs));
    options.published(resourceOf(build));
    schedule();
    return sendJson(call.response, operationOf(build));
  };

  const find = (project: string, location: string, id: string): Build => {
    const build = builds.find((one) => one.id === id && one.project === project && one.location === location);
    if (build === undefined || build.vanished) throw notFound(`build ${id} not found`);
    return build;
  };

  const list = (call: Call, project: string, location: string): true => {
    const { query, response } = call;
    const size = Math.min(Number(query.get('pageSize') ?? DEFAULT_PAGE) || DEFAULT_PAGE, MAX_PAGE);
    const test = parseFilter(query.get('filter') ?? '');
    const from = Number(query.get('pageToken') ?? 0);
    const fitting = builds
      .filter((build) => build.project === project && build.location === location && !build.vanished && test(build))
      .toReversed();
    const page = fitting.slice(from, from + size).map(resourceOf);
    const more = from + size < fitting.length ? { nextPageToken: String(from + size) } : {};
    return sendJson(response, { ...(page.length === 0 ? {} : { builds: page }), ...more });
  };

  const cancel = async (call: Call, build: Build): Promise<true> => {
    const run = running.get(build.id);
    if (run !== undefined) {
      run.end('CANCELLED', 'cancelled by request');
      await run.done;
    } else if (!isOver(build)) settle(build, 'CANCELLED', 'cancelled by request');
    return sendJson(call.response, resourceOf(build));
  };

  const route: Route = async (call) => {
    const all = COLLECTION.exec(call.path);
    if (all !== null) {
      const [, project = '', location = 'global'] = all;
      return call.method === 'POST' ? create(call, project, location) : list(call, project, location);
    }
    const one = ONE.exec(call.path);
    if (one !== null) {
      const [, project = '', location = 'global', id = '', action] = one;
      const build = find(project, location, id);
      if (action === 'cancel' && call.method === 'POST') return cancel(call, build);
      if (action !== undefined || call.method !== 'GET')
        throw invalidArgument(`The emulator has no ${action ?? call.method}.`);
      return sendJson(call.response, resourceOf(build));
    }
    const operation = OPERATION.exec(call.path);
    if (operation === null || call.method !== 'GET') return false;
    const id = Buffer.from(operation[1] ?? '', 'base64url').toString();
    const build = builds.find((known) => known.id === id && !known.vanished);
    if (build === undefined) throw notFound('operation not found');
    return sendJson(call.response, operationOf(build));
  };

  return {
    route,
    builds,
    vanish: (id) => {
      for (const build of builds) if (build.id === id) build.vanished = true;
    },
    wake: schedule,
    fail: (id) => running.get(id)?.end('INTERNAL_ERROR', 'internal error'),
    close: async () => {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      for (const run of running.values()) run.end('CANCELLED', 'the emulator was closed');
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
};

const operationOf = (build: Build): JsonObject => {
  const id = Buffer.from(build.id).toString('base64url');
  const over = isOver(build);
  return {
    name:
      build.location === 'global'
        ? `operations/build/${build.project}/${id}`
        : `projects/${build.project}/locations/${build.location}/operations/${id}`,
    metadata: {
      '@type': 'type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata',
      build: resourceOf(build),
    },
    ...(over ? { done: true } : {}),
    ...(over && build.status === 'SUCCESS' ? { response: resourceOf(build) } : {}),
  };
};
