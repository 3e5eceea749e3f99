/** `slipway doctor --google`: whether Google Cloud is ready for this installation, each part by trying it. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Config, environment, parseConfig } from '../config.ts';
import { DomainError } from '../core/errors.ts';
import type { Finding } from '../ports/executor.ts';
import { createSystemClock } from '../system/clock.ts';
import { createCredentials } from '../system/google-check/account.ts';
import { createCall } from '../system/google-check/call.ts';
import { checkGoogleCloud } from '../system/google-check/check.ts';
import { GOOGLE_ROOTS, type GoogleRoots } from '../system/google-check/scene.ts';
import { tryBuild } from '../system/google-check/try-build.ts';
import { packageFile } from '../version.ts';
import { reportFindings } from './doctor.ts';

const INDEXES = packageFile('deploy/firestore/indexes.json');

const indexes = (): string | null => {
  try {
    return readFileSync(INDEXES, 'utf8');
  } catch {
    return null;
  }
};

/** Emulators in the place of services. The one for Cloud Build is one for Secret Manager, too. */
const rootsOf = ({ google, firestore }: Config): GoogleRoots => ({
  ...GOOGLE_ROOTS,
  ...(google.cloudBuildRoot === null
    ? {}
    : { cloudBuild: google.cloudBuildRoot, secretManager: google.cloudBuildRoot }),
  ...(google.storageRoot === null ? {} : { storage: google.storageRoot }),
  ...(firestore.emulatorHost === null ? {} : { firestore: `http://${firestore.emulatorHost}/` }),
});

const required = (value: string | null, name: string): string => {
  if (value !== null) return value;
  throw new DomainError('invalid_request', `doctor --google needs ${name}.`, {
    hint: 'Set what the server is given: `terraform -chdir=deploy/terraform output -json environment` has it.',
  });
};

const findingsOf = async (config: Config, build: boolean): Promise<Finding[]> => {
  const { google, firestore } = config;
  const project = required(google.project, 'GOOGLE_CLOUD_PROJECT');
  const region = required(google.region, 'SLIPWAY_REGION');
  const bucket = required(google.bucket, 'SLIPWAY_BUCKET');
  const emulated = [google.cloudBuildRoot, google.storageRoot, firestore.emulatorHost].some((root) => root !== null);
  const credentials = createCredentials();
  const token = emulated ? () => Promise.reject(new Error('an emulator is in use')) : credentials.token;
  const scene = {
    call: createCall(token),
    roots: rootsOf(config),
    project,
    region,
    bucket,
    database: firestore.databaseId,
    runnerServiceAccount: google.runnerServiceAccount,
    invoker: google.invoker,
    workerPool: google.workerPool,
    modelSecret: google.modelSecret,
    image: google.runnerImage,
    machineType: google.machineType,
    publicUrl: config.publicUrl,
    indexes: indexes(),
    account: emulated ? null : await credentials.account(),
    probe: randomUUID(),
  };
  const clock = createSystemClock();
  const findings = await checkGoogleCloud(scene, clock.now());
  // Without credentials there is nothing to start one with.
  if (!build || findings.some(({ part, status }) => part === 'account' && status === 'missing')) return findings;
  return [...findings, await tryBuild(scene, clock)];
};

/** Prints all findings; returns false when a run would be refused. */
export const doctorGoogleCommand = async (options: {
  readonly json: boolean;
  /** Start a build, too. */
  readonly build: boolean;
}): Promise<boolean> => {
  const findings = await findingsOf(parseConfig(environment()), options.build);
  const ready = findings.every(({ status }) => status !== 'missing');
  reportFindings({ ready, findings }, options);
  return ready;
};
