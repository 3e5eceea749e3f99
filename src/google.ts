/**
 * Composition of what an installation uses of Google Cloud besides its database. Loaded by `app.ts` only when it is
 * chosen: the clients behind it take a good part of a second.
 */
import { createCloudStorageArtifacts } from './artifacts/cloud-storage/store.ts';
import type { Config } from './config.ts';
import { DomainError } from './core/errors.ts';
import { type CloudBuildExecutor, createCloudBuildExecutor } from './executors/cloud-build/executor.ts';
import type { ArtifactStore } from './ports/artifact-store.ts';
import type { Clock, Random } from './ports/clock.ts';
import type { IdentityVerifier } from './ports/identity.ts';
import type { Logger } from './ports/logger.ts';
import { nameOwnAccount } from './system/google-account.ts';
import { createGoogleIdentity } from './system/google-identity.ts';

export interface GoogleEffects {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** 32 bytes of this installation, the same in all its processes. */
  readonly secret: Uint8Array;
  /** Version of the harness's program that builds install when their image does not have it. */
  readonly claudeVersion: string | null;
}

const required = (value: string | null, name: string): string => {
  if (value !== null) return value;
  throw new DomainError('invalid_request', `Google Cloud needs ${name}.`);
};

/** The executor for `SLIPWAY_EXECUTOR=cloud-build`. */
export const openCloudBuild = (config: Config, effects: GoogleEffects): CloudBuildExecutor => {
  const { google, publicUrl } = config;
  const { claudeVersion } = effects;
  return createCloudBuildExecutor({
    ...effects,
    project: required(google.project, 'GOOGLE_CLOUD_PROJECT'),
    region: required(google.region, 'SLIPWAY_REGION'),
    bucket: required(google.bucket, 'SLIPWAY_BUCKET'),
    cloudBuildRoot: google.cloudBuildRoot,
    storageRoot: google.storageRoot,
    account: nameOwnAccount,
    publicUrl,
    runnerServiceAccount: google.runnerServiceAccount,
    image: google.runnerImage,
    machineType: google.machineType,
    workerPool: google.workerPool,
    modelSecret:
      publicUrl !== null || google.modelSecret === null
        ? null
        : { env: 'ANTHROPIC_API_KEY', versionName: google.modelSecret },
    registries: {
      npmRegistry: config.registries.npmRegistry,
      pipIndex: config.registries.pipIndex,
      wantCredentials: config.registries.npmToken !== null || config.registries.pipCredentials !== null,
      gitCredentials: config.gitCredentials,
      privateHosts: config.privateHosts,
    },
    programs: { claude: `@anthropic-ai/claude-code${claudeVersion === null ? '' : `@${claudeVersion}`}` },
  });
};

/** Artifacts in `SLIPWAY_BUCKET`. */
export const openCloudArtifacts = (config: Config, { clock, random }: GoogleEffects): ArtifactStore =>
  createCloudStorageArtifacts({
    bucket: required(config.google.bucket, 'SLIPWAY_BUCKET'),
    storageRoot: config.google.storageRoot,
    account: nameOwnAccount,
    clock,
    random,
  });

/** Who may call, and whom Identity-Aware Proxy let in. */
export const openIdentity = ({ google, publicUrl }: Config): IdentityVerifier =>
  createGoogleIdentity({ audience: publicUrl, invoker: google.invoker, iapAudience: google.iapAudience });
