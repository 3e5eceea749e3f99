/**
 * What is ready and what is missing, part by part: for `slipway doctor` and for `/readyz`, from the same checks. A part
 * of the composition root.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Installation } from './app.ts';
import { checkAuthorities } from './checks/authorities.ts';
import { checkClaude } from './checks/claude.ts';
import { checkDataDirectory } from './checks/data-directory.ts';
import { keepResult } from './checks/keep.ts';
import { WITHOUT_TURNS, withMeaning } from './checks/meanings.ts';
import { checkNode } from './checks/node-version.ts';
import { checkPort } from './checks/port.ts';
import { checkTemporaryFiles } from './checks/temporary-files.ts';
import type { Config } from './config.ts';
import { isDomainError } from './core/errors.ts';
import { checkModelService } from './gateway/check.ts';
import { CLAUDE_CODE_VERSION } from './harnesses/claude-code/harness.ts';
import { hasOwnModel } from './places.ts';
import type { Clock } from './ports/clock.ts';
import type { Finding, Readiness } from './ports/executor.ts';
import { authoritiesOf, readAuthorities } from './system/authorities.ts';
import { findClaude } from './system/claude-binary.ts';
import { createSystemClock } from './system/clock.ts';

const allOk = (findings: readonly Finding[]): boolean => findings.every(({ status }) => status === 'ok');
const isMissing = ({ status }: Finding): boolean => status === 'missing';

/** For what a server needs a part of its own machine: for everything, for turns of conversations alone, or for nothing. */
export type Need = 'all' | 'turns' | 'nothing';

/** What of this machine an installation uses: where runs execute in builds, that may be little. */
export const needsOf = (config: Config): { readonly claude: Need; readonly directory: Need } => {
  const turns: Need = hasOwnModel(config) ? 'turns' : 'nothing';
  const away = config.executor === 'cloud-build';
  const kept = away && config.store === 'firestore' && config.google.bucket !== null;
  return { claude: away ? turns : 'all', directory: kept ? turns : 'all' };
};

/** What is left out is nobody's concern; what turns alone need makes nothing unready, since they can go into builds. */
const asNeeded = (need: Need, finding: Finding): readonly Finding[] => {
  if (need === 'nothing') return [];
  if (need === 'all' || !isMissing(finding)) return [finding];
  return [{ ...finding, status: 'degraded', without: WITHOUT_TURNS }];
};

/** The demo model asks for no credentials, and nobody else is asked about them. */
const DEMO: readonly Finding[] = [
  { part: 'credentials', status: 'ok', detail: 'the scripted demo model needs none', mend: null },
];

/** Whether the key is there is Secret Manager's to say, when a build asks. */
const IN_BUILDS: readonly Finding[] = [
  {
    part: 'credentials',
    status: 'ok',
    detail: 'builds have the key from Secret Manager; the server needs none',
    mend: null,
  },
];

const checkModel = async (
  config: Config,
  demo: boolean,
  clock: Clock,
  timeoutMs?: number,
): Promise<readonly Finding[]> =>
  demo
    ? DEMO
    : !hasOwnModel(config)
      ? IN_BUILDS
      : await checkModelService({
          ...config.model,
          proxies: config.proxies,
          authorities: authoritiesOf(config.caFile),
          now: clock.now,
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        });

const checkPrograms = async (need: Need): Promise<readonly Finding[]> => [
  checkNode(process.version),
  ...(need === 'nothing' ? [] : asNeeded(need, await checkClaude(findClaude()?.path ?? null, CLAUDE_CODE_VERSION))),
];

const checkCaFile = ({ caFile }: Config, clock: Clock): readonly Finding[] =>
  caFile === null ? [] : [checkAuthorities(caFile, readAuthorities, clock.now())];

const placeOf = ({ store, dataDir, firestore }: Config): string =>
  store === 'sqlite' ? dataDir : `${firestore.projectId}/${firestore.databaseId}`;

const storeFinding = (config: Config): Finding => ({
  part: 'store',
  status: 'ok',
  detail: `${config.store} in ${placeOf(config)}`,
  mend: null,
});

const MINUTE = 60_000;
/** A probe of a load balancer waits no longer than a few of these. */
const SERVER_TIMEOUT_MS = 5_000;

/** What of an installation answers. */
interface Examined {
  readonly stores: Pick<Installation['stores'], 'ping'>;
  readonly executor: Pick<Installation['executor'], 'check'>;
  readonly engine: Pick<Installation['engine'], 'clock'>;
}

/** What `/readyz` asks: cheap to ask again, and nobody can make a server ask the model service all the time. */
export const createReadiness = (
  config: Config,
  { stores, executor, engine }: Examined,
  demo: boolean,
): (() => Promise<Readiness>) => {
  const { clock } = engine;
  const needs = needsOf(config);
  const own = keepResult(clock, { isGood: allOk, goodMs: MINUTE, badMs: 5_000 }, async () => [
    ...(await checkPrograms(needs.claude)),
    ...checkCaFile(config, clock),
    ...asNeeded(needs.directory, await checkDataDirectory(resolve(config.dataDir))),
    await checkTemporaryFiles(tmpdir()),
  ]);
  const model = keepResult(clock, { isGood: allOk, goodMs: 10 * MINUTE, badMs: MINUTE }, () =>
    checkModel(config, demo, clock, SERVER_TIMEOUT_MS),
  );
  // Several jobs, or calls to Google that are counted.
  const places = keepResult(clock, { isGood: ({ ready }) => ready, goodMs: MINUTE, badMs: 5_000 }, () =>
    executor.check(),
  );
  return async () => {
    await stores.ping();
    const [here, there, executes] = await Promise.all([own(), model(), places()]);
    const findings = [...here, ...there, storeFinding(config), ...executes.findings].map(withMeaning);
    return { ready: executes.ready && !here.some(isMissing), findings };
  };
};

/** The store and the executor, in a data directory. */
const tryInstallation = async (
  config: Config,
  open: (config: Config) => Promise<Installation>,
): Promise<readonly Finding[]> => {
  const installation = await open(config);
  try {
    await installation.stores.ping();
    return [storeFinding(config), ...(await installation.executor.check()).findings];
  } finally {
    await installation.close();
  }
};

/** What says something about the data directory itself, and nothing when another one is tried in its place. */
const OF_THE_DIRECTORY = ['disk'];

/** The same where the data directory is of no use: what else is wrong is told all the same. */
const tryElsewhere = async (
  config: Config,
  open: (config: Config) => Promise<Installation>,
): Promise<readonly Finding[]> => {
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-doctor-'));
  try {
    const findings = await tryInstallation({ ...config, dataDir: scratch }, open);
    // A database elsewhere is the same, whatever directory is tried.
    return findings.filter(({ part }) =>
      part === 'store' ? config.store === 'firestore' : !OF_THE_DIRECTORY.includes(part),
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const checkStoreAndExecutor = async (
  config: Config,
  usable: boolean,
  open: (config: Config) => Promise<Installation>,
): Promise<readonly Finding[]> => {
  if (!usable) return await tryElsewhere(config, open);
  try {
    return await tryInstallation(config, open);
  } catch (error) {
    if (!isDomainError(error)) throw error;
    const store: Finding = { part: 'store', status: 'missing', detail: error.message, mend: error.hint ?? null };
    return [store, ...(await tryElsewhere(config, open))];
  }
};

/** What `slipway doctor` says: everything is tried, whatever else is missing. `ready` is false when anything is. */
export const examineInstallation = async (
  given: Config,
  options: { readonly demo: boolean; open(config: Config): Promise<Installation> },
): Promise<Readiness> => {
  const clock = createSystemClock();
  const authorities = checkCaFile(given, clock);
  // What else is wrong is told all the same.
  const config = authorities.some(isMissing) ? { ...given, caFile: null } : given;
  const needs = needsOf(config);
  const directory = await checkDataDirectory(resolve(config.dataDir));
  const [programs, model, temporary, port, places] = await Promise.all([
    checkPrograms(needs.claude),
    checkModel(config, options.demo, clock),
    checkTemporaryFiles(tmpdir()),
    checkPort(config.host, config.port),
    checkStoreAndExecutor(config, !isMissing(directory), options.open),
  ]);
  const findings = [
    ...programs,
    ...authorities,
    ...model,
    ...asNeeded(needs.directory, directory),
    temporary,
    port,
    ...places,
  ].map(withMeaning);
  return { ready: !findings.some(isMissing), findings };
};
