/** Composition root: settings → adapters → engine → server. The only file that knows every adapter. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import { createDiskArtifacts } from './artifacts/disk/store.ts';
import type { Config } from './config.ts';
import { createConversations } from './conversation/conversations.ts';
import { fileTurn } from './conversation/file-turn.ts';
import { DomainError } from './core/errors.ts';
import { isTerminal } from './core/run.ts';
import { type DemoModel, openDemoModel } from './demo/server.ts';
import { createChores } from './engine/chores.ts';
import { DEFAULT_PACE, type Drive, type Engine } from './engine/deps.ts';
import { createLocalNotifier } from './engine/local-notifier.ts';
import { createWitness } from './engine/witness.ts';
import { createWorker } from './engine/worker.ts';
import { createReadiness } from './examine.ts';
import { createPreparingExecutor } from './executors/local/prepare/executor.ts';
import { createEgress } from './gateway/egress/egress.ts';
import { createGateway } from './gateway/gateway.ts';
import { createClaudeCodeHarness } from './harnesses/claude-code/harness.ts';
import { createHttpApp } from './http/server.ts';
import { readUi } from './http/static.ts';
import type { Egress } from './ports/egress.ts';
import type { Executor } from './ports/executor.ts';
import type { Harness } from './ports/harness.ts';
import type { Logger } from './ports/logger.ts';
import type { Stores } from './ports/stores.ts';
import { openSqliteStores } from './stores/sqlite/open.ts';
import { findClaude } from './system/claude-binary.ts';
import { createSystemClock, createSystemRandom } from './system/clock.ts';
import { unifiedDiff } from './system/diff.ts';
import { createPrometheusMetrics } from './system/metrics.ts';
import { nextFiring } from './system/schedule.ts';
import { VERSION } from './version.ts';

/** Everything of an installation that needs no server: its database and its use cases. */
export interface Installation {
  readonly engine: Engine;
  readonly stores: Stores;
  readonly executor: Executor;
  readonly egress: Egress;
  close(): Promise<void>;
}

export interface App {
  readonly url: string;
  readonly demo: boolean;
  readonly engine: Engine;
  /** Stops taking requests, hands the leases over and closes the database. Executions go on. Idempotent. */
  close(): Promise<void>;
}

const CORES_TO_RUNS = 4;
/** Enough to write down the ends of some hundred runs. */
const RESERVE_BYTES = 8 * 1_048_576;
/** The same from src/ in the repository and from dist/ in the package. */
const UI_FOLDER = join(import.meta.dirname, '../dist/web');

/** Opens the database and the executor of an installation. */
export const openInstallation = async (config: Config, logger: Logger): Promise<Installation> => {
  const dataDir = resolve(config.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const stores = await openSqliteStores({ path: join(dataDir, 'slipway.db'), reserveBytes: RESERVE_BYTES });
  const clock = createSystemClock();
  const claude = findClaude();
  const egress = createEgress({ privateHosts: config.privateHosts, logger });
  const executor = createPreparingExecutor({
    runsDir: join(dataDir, 'runs'),
    packagesDir: join(dataDir, 'cache', 'packages'),
    egress,
    registries: config.registries,
    git: { credentialsFile: config.gitCredentials, privateHosts: config.privateHosts },
    isolation: config.isolation,
    programs: claude === null ? {} : { claude: claude.path },
    clock,
    logger,
  });
  const engine: Engine = {
    stores,
    clock,
    random: createSystemRandom(),
    notifier: createLocalNotifier(),
    artifacts: createDiskArtifacts(join(dataDir, 'artifacts')),
    logger,
    executorName: executor.name,
    nextFiring,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
  return { engine, stores, executor, egress, close: () => stores.close() };
};

/** The model service to talk to: the configured one, or the demo model, which is never chosen silently. */
const openModel = async (config: Config, demo: boolean) => {
  if (!demo) {
    const { apiKey, authToken } = config.model;
    if (apiKey === null && authToken === null) {
      throw new DomainError('invalid_request', 'There are no credentials for the model service.', {
        hint: 'Set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN), or start with --demo for the scripted demo model.',
      });
    }
    return { upstream: { ...config.model, proxies: config.proxies }, close: async () => undefined };
  }
  const model: DemoModel = await openDemoModel({});
  return {
    upstream: { baseUrl: model.url, apiKey: 'demo', authToken: null },
    close: () => model.close(),
  };
};

const listen = (app: ReturnType<typeof createHttpApp>, config: Config): Promise<ServerType> =>
  new Promise((resolvePromise, reject) => {
    const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, () => resolvePromise(server));
    server.once('error', reject);
  });

export interface AppOptions {
  /** Use the scripted model instead of a real one. */
  readonly demo: boolean;
  /** The program that is the agent; Claude Code when left out. */
  readonly harness?: Harness;
}

/** Starts the whole server. */
export const openApp = async (config: Config, logger: Logger, options: AppOptions): Promise<App> => {
  // What was opened is closed in reverse, also when something after it cannot be opened.
  const opened = new AsyncDisposableStack();
  try {
    return await assemble(config, logger, options, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
};

const assemble = async (
  config: Config,
  logger: Logger,
  options: AppOptions,
  opened: AsyncDisposableStack,
): Promise<App> => {
  const model = await openModel(config, options.demo);
  opened.defer(model.close);
  const installation = await openInstallation(config, logger);
  opened.defer(installation.close);
  const { engine, stores, executor, egress } = installation;
  const gateway = createGateway({
    upstream: model.upstream,
    secret: await stores.secret('run-tokens'),
    socketsDir: join(resolve(config.dataDir), 'sockets'),
    witness: createWitness(engine),
    egress,
    clock: engine.clock,
    logger,
  });
  const metrics = createPrometheusMetrics(() => worker.active());
  const drive: Drive = {
    ...engine,
    executor,
    harness: options.harness ?? createClaudeCodeHarness(),
    gateway,
    metrics,
    concluded: (run) => fileTurn(engine, run),
    diff: unifiedDiff,
    holder: `${hostname()}:${process.pid}`,
    pace: DEFAULT_PACE,
  };
  const worker = createWorker(drive, config.concurrency ?? availableParallelism() * CORES_TO_RUNS);
  const chores = createChores(engine, config.retentionDays);
  const stopping = new AbortController();
  const http = createHttpApp({
    engine,
    auth: config.auth,
    version: VERSION,
    demo: options.demo,
    talk: createConversations(engine),
    ui: await readUi(UI_FOLDER, engine.sha256),
    publicUrl: config.publicUrl,
    ready: createReadiness(config, installation, options.demo),
    metrics: () => metrics.expose(),
    logger,
    rateLimit: config.rateLimit,
    stopping: stopping.signal,
  });

  await gateway.start();
  opened.defer(() => gateway.stop());
  await sweep(engine, executor);
  const server = await listen(http, config);
  worker.start();
  chores.start();
  opened.defer(async () => {
    stopping.abort();
    await Promise.all([closeServer(server), chores.stop(), worker.stop()]);
  });
  return { url: addressOf(server, config), demo: options.demo, engine, close: () => opened.disposeAsync() };
};

/** Clears away places whose run was over before their process could. */
const sweep = async (engine: Engine, executor: Executor): Promise<void> => {
  const released = await executor.sweep(async (id) => {
    const run = await engine.stores.runs.get(id);
    return run === null || isTerminal(run);
  });
  if (released > 0) engine.logger.info({ released }, 'places of finished runs were cleared away');
};

const closeServer = (server: ServerType): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    // Streams stay open for as long as their run goes on; their readers resume elsewhere.
    if ('closeAllConnections' in server) server.closeAllConnections();
  });

const addressOf = (server: ServerType, config: Config): string => {
  const address: AddressInfo | string | null = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : config.port;
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
};
