/** Composition of where runs execute, where what they leave is kept, and how they get to the model. Part of `app.ts`. */
import { join } from 'node:path';
import { createDiskArtifacts } from './artifacts/disk/store.ts';
import type { Config } from './config.ts';
import { createTurnPlace } from './engine/turn-place.ts';
import type { CloudBuildExecutor } from './executors/cloud-build/executor.ts';
import { createPreparingExecutor } from './executors/local/prepare/executor.ts';
import type { CommonOptions } from './gateway/gateway.ts';
import { type OpenGateway, openGateway, type Way } from './gateway/open.ts';
import type { ArtifactStore } from './ports/artifact-store.ts';
import type { Clock } from './ports/clock.ts';
import type { Egress } from './ports/egress.ts';
import type { Executor } from './ports/executor.ts';
import type { Logger } from './ports/logger.ts';
import type { Stores } from './ports/stores.ts';
import { authoritiesOf } from './system/authorities.ts';
import { findClaude } from './system/claude-binary.ts';
import { createSystemRandom } from './system/clock.ts';

export interface Places {
  /** Where runs execute that name no executor. */
  readonly executor: Executor;
  /** The same, when it is Cloud Build; null otherwise. */
  readonly cloudBuild: CloudBuildExecutor | null;
  /** The sandbox beside the server, where `executor` is another one; null where it is that, or can have no model. */
  readonly beside: Executor | null;
  /** Name of the executor for a turn of a conversation. */
  readonly turnPlace: () => Promise<string>;
  readonly artifacts: ArtifactStore;
}

export interface PlacesOptions {
  readonly config: Config;
  /** Absolute. */
  readonly dataDir: string;
  readonly stores: Stores;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Below the server's address, for places that reach it by that. */
export const GATEWAY_PATH = '/gateway';

const CLOUD_BUILD = 'cloud-build';

export const openPlaces = async (options: PlacesOptions): Promise<Places> => {
  const { config, dataDir, stores, clock, logger } = options;
  const claude = findClaude();
  const local = openLocal(options, claude?.path ?? null);
  const here = { executor: local, cloudBuild: null, beside: null, turnPlace: async () => local.name };
  const disk = createDiskArtifacts(join(dataDir, 'artifacts'));
  if (config.executor !== CLOUD_BUILD && config.google.bucket === null) return { ...here, artifacts: disk };
  const google = await import('./google.ts');
  const effects = {
    clock,
    random: createSystemRandom(),
    logger,
    secret: await stores.secret('cloud-build'),
    claudeVersion: claude?.version ?? null,
  };
  const artifacts = config.google.bucket === null ? disk : google.openCloudArtifacts(config, effects);
  if (config.executor !== CLOUD_BUILD) return { ...here, artifacts };
  const executor = google.openCloudBuild(config, effects);
  const beside = hasOwnModel(config) ? local : null;
  return { executor, cloudBuild: executor, beside, turnPlace: createTurnPlace(executor, beside, logger), artifacts };
};

const openLocal = ({ config, dataDir, egress, clock, logger }: PlacesOptions, claude: string | null): Executor =>
  createPreparingExecutor({
    runsDir: join(dataDir, 'runs'),
    packagesDir: join(dataDir, 'cache', 'packages'),
    egress,
    registries: config.registries,
    git: { credentialsFile: config.gitCredentials, privateHosts: config.privateHosts },
    authorities: authoritiesOf(config.caFile),
    isolation: config.isolation,
    programs: claude === null ? {} : { claude },
    clock,
    logger,
  });

/** Builds may have a key of their own, and then the server needs none: nothing beside it could talk to the model. */
export const hasOwnModel = ({ google, model, publicUrl }: Config): boolean =>
  publicUrl !== null || google.modelSecret === null || model.apiKey !== null || model.authToken !== null;

export interface Ways {
  /** For `Places.executor`. */
  readonly main: OpenGateway;
  /** For `Places.beside`. */
  readonly beside: OpenGateway | null;
}

/** The ways to the model: by a socket for each place here, by our address, or, where nothing leads here, by none. */
export const openWays = (
  { config, dataDir, egress }: Pick<PlacesOptions, 'config' | 'dataDir' | 'egress'>,
  places: Pick<Places, 'executor' | 'beside'>,
  common: CommonOptions,
): Ways => {
  const sockets: Way = { kind: 'sockets', socketsDir: join(dataDir, 'sockets'), egress };
  if (config.executor !== CLOUD_BUILD) return { main: openGateway(sockets, common), beside: null };
  const { publicUrl, model } = config;
  const way: Way =
    publicUrl === null
      ? { kind: 'none', baseUrl: model.baseUrl }
      : { kind: 'address', address: `${publicUrl}${GATEWAY_PATH}`, executor: places.executor.name };
  return { main: openGateway(way, common), beside: places.beside === null ? null : openGateway(sockets, common) };
};
