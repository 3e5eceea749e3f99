/** The HTTP server over a real database and real files, without a worker: a run moves only when a test moves it. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import { createDiskArtifacts } from '../../../src/artifacts/disk/store.ts';
import { createConversations } from '../../../src/conversation/conversations.ts';
import type { EventDraft } from '../../../src/core/events.ts';
import type { RunId } from '../../../src/core/ids.ts';
import type { Run } from '../../../src/core/run.ts';
import { OFFSET_START } from '../../../src/core/run.ts';
import { claim, record, recordUsage, settle, started } from '../../../src/core/transitions.ts';
import type { Engine } from '../../../src/engine/deps.ts';
import { createLocalNotifier } from '../../../src/engine/local-notifier.ts';
import { createClaudeCodeHarness } from '../../../src/harnesses/claude-code/harness.ts';
import type { HttpOptions } from '../../../src/http/options.ts';
import { createHttpApp } from '../../../src/http/server.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import { openSqliteStores } from '../../../src/stores/sqlite/open.ts';
import { createSystemRandom } from '../../../src/system/clock.ts';
import { nextFiring } from '../../../src/system/schedule.ts';
import { createHandClock } from './hand-clock.ts';

export interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

const createMemoryLogger = (lines: LogLine[]): Logger => {
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message });
  };
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
};

const listen = (fetch: Parameters<typeof serve>[0]['fetch']): Promise<ServerType> =>
  new Promise((resolve) => {
    const server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, () => resolve(server));
  });

const portOf = (server: ServerType): number => {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
};

export const SUCCESS = {
  status: 'succeeded',
  stopReason: 'end_turn',
  limitsHit: [],
  result: { text: 'done', structured: null },
} as const;

export const openBench = async (over: Partial<HttpOptions> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-http-'));
  const stores = await openSqliteStores({ path: join(folder, 'test.db') });
  const lines: LogLine[] = [];
  const clock = createHandClock();
  const logger = createMemoryLogger(lines);
  const engine: Engine = {
    stores,
    clock,
    random: createSystemRandom(),
    notifier: createLocalNotifier(),
    artifacts: createDiskArtifacts(join(folder, 'artifacts')),
    logger,
    executorName: 'local',
    turnPlace: async () => 'local',
    nextFiring,
    checkTask: createClaudeCodeHarness().check,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
  const options: HttpOptions = {
    engine,
    auth: 'none',
    version: '1.2.3',
    demo: false,
    talk: createConversations(engine),
    publicUrl: null,
    ready: async () => ({ ready: true, findings: [] }),
    metrics: async () => 'slipway_up 1\n',
    logger,
    rateLimit: 0,
    ...over,
  };
  const appWith = (other: Partial<HttpOptions>) => createHttpApp({ ...options, ...other });
  const app = appWith({});
  const servers: ServerType[] = [];

  const change = async (id: RunId, decide: Parameters<typeof stores.runs.update>[1]): Promise<Run> => {
    const run = await stores.runs.update(id, decide);
    engine.notifier.changed(id);
    return run;
  };
  const recording = (events: readonly EventDraft[]) => ({
    events,
    offset: OFFSET_START,
    seen: null,
    model: null,
    denials: [],
  });

  return {
    app,
    engine,
    clock,
    lines,
    /** Calls the app without a socket; a body that is no string or bytes is sent as JSON. */
    call: async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const raw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      const init = { method, headers: { ...type, ...headers } };
      return app.request(path, body === undefined ? init : { ...init, body: raw ? body : JSON.stringify(body) });
    },
    /** The same server with other options. */
    appWith,
    /** The address of a real listening server. */
    listen: async (other: Partial<HttpOptions> = {}): Promise<{ url: string; port: number }> => {
      const listening = appWith(other);
      const server = await listen((request, env) => listening.fetch(request, env));
      servers.push(server);
      return { url: `http://127.0.0.1:${portOf(server)}`, port: portOf(server) };
    },
    /** queued → starting → running, as a worker would. */
    start: async (id: RunId): Promise<Run> => {
      await change(id, (run) => claim(run, 'test', 60_000, clock.now()));
      return change(id, (run) => started(run, run.leaseToken, 'place-1', null, clock.now()));
    },
    say: (id: RunId, ...texts: string[]): Promise<Run> =>
      change(id, (run) =>
        record(
          run,
          run.leaseToken,
          recording(texts.map((text) => ({ type: 'log', data: { stream: 'stderr', level: 'info', text } }))),
          clock.now(),
        ),
      ),
    meter: (id: RunId, model: string, outputTokens: number): Promise<Run> => {
      const none = { inputTokens: 0, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, webSearches: 0 };
      return change(id, (run) => recordUsage(run, { ...none, model, outputTokens, estimated: false }, clock.now()));
    },
    finish: (id: RunId): Promise<Run> => change(id, (run) => settle(run, run.leaseToken, SUCCESS, [], clock.now())),
    close: async (): Promise<void> => {
      for (const server of servers) {
        if ('closeAllConnections' in server) server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
      await stores.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export type Bench = Awaited<ReturnType<typeof openBench>>;
