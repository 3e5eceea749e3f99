/** Composition root: settings → adapters → engine → server. The only file that knows every adapter. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, MODEL_SERVICE } from './config.ts';
import { createConversations } from './conversation/conversations.ts';
import { fileTurn } from './conversation/file-turn.ts';
import { tendUnsettled } from './conversation/tend.ts';
import { DomainError } from './core/errors.ts';
import { type DemoModel, openDemoModel } from './demo/server.ts';
import { createChores } from './engine/chores.ts';
import { DEFAULT_PACE, type Drive, type Engine, FRUGAL_PACE, type Pace, type Site } from './engine/deps.ts';
import { createHeldReadings } from './engine/held-readings.ts';
import { createLocalNotifier } from './engine/local-notifier.ts';
import { createReconciler, sweepPlaces } from './engine/reconcile.ts';
import { shareReads } from './engine/share-reads.ts';
import { createWitness } from './engine/witness.ts';
import { createWorker } from './engine/worker.ts';
import { createReadiness } from './examine.ts';
import { createEgress } from './gateway/egress/egress.ts';
import { NO_PROXIES } from './gateway/outgoing-proxy.ts';
import { createClaudeCodeHarness } from './harnesses/claude-code/harness.ts';
import { listen } from './http/listen.ts';
import { createHttpApp } from './http/server.ts';
import { readUi } from './http/static.ts';
import { GATEWAY_PATH, openPlaces, openWays, type Places, type Ways } from './places.ts';
import type { Egress } from './ports/egress.ts';
import type { Executor } from './ports/executor.ts';
import type { Harness } from './ports/harness.ts';
import type { IdentityVerifier } from './ports/identity.ts';
import type { Logger } from './ports/logger.ts';
import type { Notifier } from './ports/notifier.ts';
import type { Stores } from './ports/stores.ts';
import { openSqliteStores } from './stores/sqlite/open.ts';
import { authoritiesOf } from './system/authorities.ts';
import { createSystemClock, createSystemRandom } from './system/clock.ts';
import { unifiedDiff } from './system/diff.ts';
import { createPrometheusMetrics } from './system/metrics.ts';
import { nextFiring } from './system/schedule.ts';
import { packageFile, VERSION } from './version.ts';

/** Everything of an installation that needs no server: its database and its use cases. */
export interface Installation {
  readonly engine: Engine;
  readonly stores: Stores;
  readonly executor: Executor;
  readonly places: Places;
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
const UI_FOLDER = fileURLToPath(packageFile('dist/web'));

/** Opens the database that is chosen, and the word of what happens in it. */
const openStores = async (
  config: Config,
  dataDir: string,
  { clock, random, logger }: Pick<Engine, 'clock' | 'random' | 'logger'>,
): Promise<{ readonly stores: Stores; readonly notifier: Notifier }> => {
  const local = createLocalNotifier();
  if (config.store === 'sqlite') {
    return {
      stores: await openSqliteStores({ path: join(dataDir, 'slipway.db'), reserveBytes: RESERVE_BYTES }),
      notifier: local,
    };
  }
  const { projectId, databaseId, emulatorHost, word } = config.firestore;
  if (projectId === null) throw new DomainError('invalid_request', 'Firestore needs GOOGLE_CLOUD_PROJECT.');
  // Loaded only here: the client takes half a second to load, and nobody else needs it.
  const { openFirestoreStores } = await import('./stores/firestore/open.ts');
  const stores = await openFirestoreStores({ projectId, databaseId, emulatorHost, clock, random });
  return { stores, notifier: stores.openNotifier({ local, clock, logger, streams: word === 'streams' }) };
};

/** What is written at once where that is free, and gathered where each write is paid for. */
const paceOf = ({ store, leaseSeconds }: Config): Pace => {
  const pace = store === 'sqlite' ? DEFAULT_PACE : FRUGAL_PACE;
  return leaseSeconds === null ? pace : { ...pace, leaseMs: leaseSeconds * 1_000 };
};

/** Opens the database and the executor of an installation. */
export const openInstallation = async (config: Config, logger: Logger): Promise<Installation> => {
  const dataDir = resolve(config.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const clock = createSystemClock();
  const random = createSystemRandom();
  const { stores: opened, notifier } = await openStores(config, dataDir, { clock, random, logger });
  const stores: Stores = { ...opened, runs: shareReads(opened.runs, setImmediate) };
  const egress = createEgress({ privateHosts: config.privateHosts, logger });
  const places = await openPlaces({ config, dataDir, stores, egress, clock, logger });
  const { executor, turnPlace, artifacts } = places;
  const engine: Engine = {
    stores,
    clock,
    random,
    notifier,
    artifacts,
    logger,
    executorName: executor.name,
    turnPlace,
    nextFiring,
    // Who only opens the installation submits nothing; a server asks its harness.
    checkTask: () => [],
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
  return { engine, stores, executor, places, egress, close: () => stores.close() };
};

/** The model service to talk to: the configured one, or the demo model, which is never chosen silently. */
const openModel = async (config: Config, demo: boolean) => {
  if (!demo) {
    const { apiKey, authToken } = config.model;
    // Without an address of ours, builds have a key of their own.
    const direct = config.executor === 'cloud-build' && config.publicUrl === null;
    if (apiKey === null && authToken === null && !direct) {
      throw new DomainError('invalid_request', 'There are no credentials for the model service.', {
        hint: 'Set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN), or start with --demo for the scripted demo model.',
      });
    }
    return {
      upstream: { ...config.model, proxies: config.proxies, authorities: authoritiesOf(config.caFile) },
      close: async () => undefined,
    };
  }
  const model: DemoModel = await openDemoModel({});
  return {
    upstream: { baseUrl: model.url, apiKey: 'demo', authToken: null, proxies: NO_PROXIES, authorities: [] },
    close: () => model.close(),
  };
};

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
  const { stores, executor, places, egress } = installation;
  const onlyClaude = model.upstream.baseUrl === MODEL_SERVICE;
  const harness = options.harness ?? createClaudeCodeHarness({ onlyClaude });
  const engine: Engine = { ...installation.engine, checkTask: harness.check };
  const executors = places.beside === null ? [executor] : [executor, places.beside];
  const held = config.store === 'sqlite' ? null : createHeldReadings();
  const ways = openWays({ config, dataDir: resolve(config.dataDir), egress }, places, {
    upstream: model.upstream,
    secret: await stores.secret('run-tokens'),
    witness: createWitness(engine, held),
    clock: engine.clock,
    logger,
  });
  const metrics = createPrometheusMetrics(() => worker.active());
  const drive: Drive = {
    ...engine,
    executor,
    gateway: ways.main.gateway,
    beside: besideOf(places, ways),
    harness,
    metrics,
    concluded: (run) => fileTurn(engine, run),
    diff: unifiedDiff,
    holder: `${hostname()}:${process.pid}`,
    pace: paceOf(config),
    held,
  };
  const worker = createWorker(drive, config.concurrency ?? availableParallelism() * CORES_TO_RUNS);
  const chores = createChores(engine, config.retentionDays, () => tendUnsettled(engine));
  const stopping = new AbortController();
  const reconciler = createReconciler(engine, executors, worker, chores);
  const identity = config.google.invoker === null && config.auth !== 'iap' ? null : await openIdentity(config);
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
    internal: {
      isPlace: (ref, token) => places.cloudBuild?.knows(ref, token) ?? false,
      output: (ref, token, text) => places.cloudBuild?.accept(ref, token, text) ?? 'refused',
      buildChanged: () => places.cloudBuild?.nudge(),
      isInvoker: async (token) => (await identity?.isInvoker(token)) ?? false,
      ...reconciler,
    },
    iapUser: async (assertion) => (await identity?.iapUser(assertion)) ?? null,
  });

  for (const way of [ways.main, ways.beside]) {
    if (way === null) continue;
    await way.gateway.start();
    opened.defer(() => way.gateway.stop());
  }
  const [far, here] = [executors.filter(isFar), executors.filter((one) => !isFar(one))];
  await sweepPlaces(engine, here);
  // Nobody waits for it: a start should be short, and what it does not get done is done by a later round.
  sweepPlaces(engine, far).catch((error: unknown) => {
    logger.warn({ err: error }, 'places of finished runs could not be cleared away; it is tried again later');
  });
  const { handle } = ways.main;
  const server = await listen(http, config, handle === null ? null : { path: GATEWAY_PATH, handle });
  worker.start();
  chores.start();
  opened.defer(async () => {
    stopping.abort();
    await Promise.all([server.close(), chores.stop(), worker.stop()]);
  });
  return { url: server.url, demo: options.demo, engine, close: () => opened.disposeAsync() };
};

/** Its places are elsewhere: to look at them takes a while. */
const isFar = ({ traits }: Executor): boolean => traits.startsSlowly;

const besideOf = ({ beside: executor }: Places, { beside: way }: Ways): Site | null =>
  executor === null || way === null ? null : { executor, gateway: way.gateway };

const openIdentity = async (config: Config): Promise<IdentityVerifier> =>
  (await import('./google.ts')).openIdentity(config);
