/** The environment as settings: parsed once, here, by one schema. Nothing else reads `process.env`. */
import { z } from 'zod';
import { emulatorRoot, GOOGLE_SETTINGS, type GoogleConfig, googleProblems } from './google-settings.ts';

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const url = z.string().regex(/^https?:\/\/[^\s/]+/, 'must be an http or https address');
const text = z.string().min(1);
const HOST = /^(?:(?:\*\.)?[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;
const hostList = z
  .string()
  .toLowerCase()
  .transform((line) => line.split(',').map((host) => host.trim()))
  .refine(
    (hosts) => hosts.every((host) => HOST.test(host)),
    'must be hosts such as pypi.corp.example or localhost:4873',
  );
const registry = z
  .string()
  .regex(/^https?:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/, 'must be an http or https address without user, query and fragment');

/** The address of the model service when none is set. */
export const MODEL_SERVICE = 'https://api.anthropic.com';

/** Every variable: its rule, its default, and what it means. A secret one is masked wherever settings are printed. */
const SETTINGS = {
  PORT: { rule: integer(0, 65_535), initial: '8080', means: 'port to listen on; 0 takes a free one' },
  HOST: { rule: text, initial: '127.0.0.1', means: 'address to listen on' },
  SLIPWAY_PUBLIC_URL: { rule: url, means: 'address that clients and cloud executions reach this server at' },
  SLIPWAY_DATA_DIR: { rule: text, initial: './.slipway', means: 'database, run directories, package cache' },
  SLIPWAY_AUTH: { rule: z.enum(['none', 'api-key', 'iap']), initial: 'none', means: 'none | api-key | iap' },
  SLIPWAY_IAP_AUDIENCE: {
    rule: text,
    means: "audience of Identity-Aware Proxy's assertions, which SLIPWAY_AUTH=iap needs",
  },
  SLIPWAY_STORE: { rule: z.enum(['sqlite', 'firestore']), initial: 'sqlite', means: 'sqlite | firestore' },
  SLIPWAY_FIRESTORE_DATABASE: { rule: text, initial: '(default)', means: 'Firestore database in the project' },
  SLIPWAY_FIRESTORE_WORD: {
    rule: z.enum(['streams', 'polling']),
    initial: 'streams',
    means: 'streams | polling: how servers hear of each other; polling where no work is done between requests',
  },
  SLIPWAY_LEASE_SECONDS: {
    rule: integer(3, 600),
    means: 'a run whose server has died is taken over after so long; 10, with Firestore 60, when not set',
  },
  GOOGLE_CLOUD_PROJECT: {
    rule: z.string().regex(/^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'must be the id of a project'),
    means: 'Google Cloud project, which firestore and cloud-build need',
  },
  FIRESTORE_EMULATOR_HOST: {
    rule: z.string().regex(/^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\]):\d{1,5}$/, 'must be host:port on this machine'),
    means: 'Firestore emulator to use instead of the service',
  },
  SLIPWAY_EXECUTOR: {
    rule: z.enum(['local', 'cloud-build']),
    initial: 'local',
    means: 'local | cloud-build',
  },
  ...GOOGLE_SETTINGS,
  SLIPWAY_CONCURRENCY: { rule: integer(1, 10_000), means: 'runs driven at once; cores × 4 when not set' },
  SLIPWAY_ISOLATION: { rule: z.enum(['strict', 'relaxed']), initial: 'strict', means: 'strict | relaxed' },
  SLIPWAY_PRIVATE_HOSTS: {
    rule: hostList,
    means: 'hosts, host[:port] with commas between, whose names may lead runs that allow them to private addresses',
  },
  SLIPWAY_RETENTION_DAYS: {
    rule: integer(1, 36_500),
    means: 'finished runs are deleted after so many days; never when not set',
  },
  SLIPWAY_RATE_LIMIT: {
    rule: integer(0, 100_000),
    means:
      'requests a second for each user, with bursts of four times as many; 0 = no limit; when not set 50, and none with SLIPWAY_AUTH=none',
  },
  SLIPWAY_LOG_LEVEL: {
    rule: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    initial: 'info',
    means: 'debug | info | warn | error | silent',
  },
  SLIPWAY_NPM_REGISTRY: { rule: registry, means: "where npm packages come from; npm's own registry when not set" },
  SLIPWAY_NPM_TOKEN: { rule: text, secret: true, means: 'token for that registry; no run ever has it' },
  SLIPWAY_NPM_HOSTS: { rule: hostList, means: 'further hosts, host[:port], that files of npm packages come from' },
  SLIPWAY_PIP_INDEX: { rule: registry, means: "index of Python packages; pip's own when not set" },
  SLIPWAY_PIP_CREDENTIALS: { rule: text, secret: true, means: 'user:password for that index; no run ever has it' },
  SLIPWAY_PIP_HOSTS: { rule: hostList, means: 'further hosts, host[:port], that files of Python packages come from' },
  SLIPWAY_GIT_CREDENTIALS: {
    rule: text,
    means:
      'file with lines https://user:token@host for private repositories, which every user of this server may fetch',
  },
  SLIPWAY_CA_FILE: {
    rule: text,
    means:
      'file of certificates (PEM) that vouch for the model service, registries and git hosts, besides the public ones',
  },
  SLIPWAY_URL: { rule: url, means: 'address of the server that the commands talk to; the one on PORT when not set' },
  SLIPWAY_API_KEY: { rule: text, secret: true, means: 'key that the commands show to a server that asks for one' },
  ANTHROPIC_API_KEY: { rule: text, secret: true, means: 'credentials of the model service, held by the gateway alone' },
  ANTHROPIC_AUTH_TOKEN: { rule: text, secret: true, means: 'the same, as a bearer token' },
  HTTPS_PROXY: {
    rule: text,
    secret: true,
    means: 'HTTP proxy to an https model service, http://[user:password@]host:port; https_proxy goes before it',
  },
  HTTP_PROXY: { rule: text, secret: true, means: 'the same, to an http one; http_proxy goes before it' },
  NO_PROXY: { rule: text, means: 'hosts, with commas between, that are reached without these proxies' },
  ANTHROPIC_BASE_URL: { rule: url, initial: MODEL_SERVICE, means: 'address of the model service' },
} as const;

type Name = keyof typeof SETTINGS;

/** A setting without its rule, the same shape for all. */
interface Traits {
  readonly initial?: string;
  readonly secret?: true;
  readonly means: string;
}
const traits = (name: Name): Traits => SETTINGS[name];

interface FirestoreConfig {
  /** Never null when the store is Firestore. */
  readonly projectId: string | null;
  readonly databaseId: string;
  readonly emulatorHost: string | null;
  readonly word: 'streams' | 'polling';
}

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly publicUrl: string | null;
  readonly dataDir: string;
  readonly auth: 'none' | 'api-key' | 'iap';
  readonly store: 'sqlite' | 'firestore';
  readonly firestore: FirestoreConfig;
  /** How long a lease is good for; null = what suits the store. */
  readonly leaseSeconds: number | null;
  readonly executor: 'local' | 'cloud-build';
  readonly google: GoogleConfig;
  /** Runs at once; null = by the number of cores. */
  readonly concurrency: number | null;
  readonly isolation: 'strict' | 'relaxed';
  /** Hosts, `host` or `host:port`, that may have private addresses. */
  readonly privateHosts: readonly string[];
  readonly registries: {
    readonly npmRegistry: string | null;
    readonly npmToken: string | null;
    readonly npmHosts: readonly string[];
    readonly pipIndex: string | null;
    readonly pipCredentials: string | null;
    readonly pipHosts: readonly string[];
  };
  /** Path of git's credentials file. */
  readonly gitCredentials: string | null;
  /** Path of a file with certificates in PEM form. */
  readonly caFile: string | null;
  readonly retentionDays: number | null;
  /** Requests a second for each user; 0 = no limit. */
  readonly rateLimit: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** What the commands need to reach a server. */
  readonly client: { readonly url: string | null; readonly apiKey: string | null };
  /** Proxies on the way to the model service, as given. */
  readonly proxies: { readonly https: string | null; readonly http: string | null; readonly none: string | null };
  readonly model: { readonly baseUrl: string; readonly apiKey: string | null; readonly authToken: string | null };
}

/** All problems of an environment, one line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Requests a second for each user, where users are told apart. */
const RATE_LIMIT = 50;

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/;
const names = Object.keys(SETTINGS).filter((name): name is Name => name in SETTINGS);

/** Known by small letters, too, which other programs look at first. */
const EITHER_CASE: ReadonlySet<Name> = new Set<Name>(['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']);

const raw = (environment: Environment, name: Name): string | undefined => {
  const value = (EITHER_CASE.has(name) ? environment[name.toLowerCase()] : undefined) || environment[name];
  // An empty variable is one that is not set: that is how shells and compose files switch one off.
  return value === undefined || value === '' ? traits(name).initial : value;
};

const unknownNames = (environment: Environment): string[] =>
  Object.keys(environment)
    .filter((name) => name.startsWith('SLIPWAY_') && !(name in SETTINGS))
    .map((name) => `${name}: there is no such setting; the settings are ${names.join(', ')}`);

/** @throws ConfigError naming every problem */
export const parseConfig = (environment: Environment): Config => {
  const problems = unknownNames(environment);
  const read = <Key extends Name>(name: Key): z.output<(typeof SETTINGS)[Key]['rule']> | null => {
    const value = raw(environment, name);
    if (value === undefined) return null;
    const parsed = SETTINGS[name].rule.safeParse(value);
    if (parsed.success) return parsed.data as z.output<(typeof SETTINGS)[Key]['rule']>;
    const shown = traits(name).secret === true ? '' : ` (it is ${JSON.stringify(value)})`;
    problems.push(`${name}: ${parsed.error.issues[0]?.message ?? 'not valid'}${shown}; ${SETTINGS[name].means}`);
    return null;
  };
  const auth = read('SLIPWAY_AUTH') ?? 'none';
  const project = read('GOOGLE_CLOUD_PROJECT');
  const config: Config = {
    port: read('PORT') ?? 8080,
    host: read('HOST') ?? '127.0.0.1',
    publicUrl: read('SLIPWAY_PUBLIC_URL')?.replace(/\/+$/, '') ?? null,
    dataDir: read('SLIPWAY_DATA_DIR') ?? './.slipway',
    auth,
    store: read('SLIPWAY_STORE') ?? 'sqlite',
    firestore: {
      projectId: project,
      databaseId: read('SLIPWAY_FIRESTORE_DATABASE') ?? '(default)',
      emulatorHost: read('FIRESTORE_EMULATOR_HOST'),
      word: read('SLIPWAY_FIRESTORE_WORD') ?? 'streams',
    },
    leaseSeconds: read('SLIPWAY_LEASE_SECONDS'),
    executor: read('SLIPWAY_EXECUTOR') ?? 'local',
    google: {
      project,
      region: read('SLIPWAY_REGION'),
      bucket: read('SLIPWAY_BUCKET'),
      runnerServiceAccount: read('SLIPWAY_RUNNER_SERVICE_ACCOUNT'),
      runnerImage: read('SLIPWAY_RUNNER_IMAGE') ?? 'node:24',
      machineType: read('SLIPWAY_MACHINE_TYPE') ?? 'E2_STANDARD_2',
      workerPool: read('SLIPWAY_WORKER_POOL'),
      modelSecret: read('SLIPWAY_MODEL_SECRET'),
      invoker: read('SLIPWAY_INVOKER'),
      iapAudience: read('SLIPWAY_IAP_AUDIENCE'),
      cloudBuildRoot: emulatorRoot(read('SLIPWAY_CLOUD_BUILD_ENDPOINT')),
      storageRoot: emulatorRoot(read('STORAGE_EMULATOR_HOST')),
    },
    concurrency: read('SLIPWAY_CONCURRENCY'),
    isolation: read('SLIPWAY_ISOLATION') ?? 'strict',
    privateHosts: read('SLIPWAY_PRIVATE_HOSTS') ?? [],
    registries: {
      npmRegistry: read('SLIPWAY_NPM_REGISTRY'),
      npmToken: read('SLIPWAY_NPM_TOKEN'),
      npmHosts: read('SLIPWAY_NPM_HOSTS') ?? [],
      pipIndex: read('SLIPWAY_PIP_INDEX'),
      pipCredentials: read('SLIPWAY_PIP_CREDENTIALS'),
      pipHosts: read('SLIPWAY_PIP_HOSTS') ?? [],
    },
    gitCredentials: read('SLIPWAY_GIT_CREDENTIALS'),
    caFile: read('SLIPWAY_CA_FILE'),
    retentionDays: read('SLIPWAY_RETENTION_DAYS'),
    // Without authentication everybody is one user on this machine, whose own scripts are all that could be slowed down.
    rateLimit: read('SLIPWAY_RATE_LIMIT') ?? (auth === 'none' ? 0 : RATE_LIMIT),
    logLevel: read('SLIPWAY_LOG_LEVEL') ?? 'info',
    client: { url: read('SLIPWAY_URL'), apiKey: read('SLIPWAY_API_KEY') },
    proxies: { https: read('HTTPS_PROXY'), http: read('HTTP_PROXY'), none: read('NO_PROXY') },
    model: {
      baseUrl: read('ANTHROPIC_BASE_URL') ?? MODEL_SERVICE,
      apiKey: read('ANTHROPIC_API_KEY'),
      authToken: read('ANTHROPIC_AUTH_TOKEN'),
    },
  };
  if (config.auth === 'none' && !LOOPBACK.test(config.host)) {
    problems.push(`HOST: ${config.host} can be reached by others, which needs SLIPWAY_AUTH=api-key or iap`);
  }
  if (config.store === 'firestore' && config.firestore.projectId === null && problems.length === 0) {
    problems.push('GOOGLE_CLOUD_PROJECT: SLIPWAY_STORE=firestore needs the id of the project that has the database');
  }
  if (problems.length === 0) problems.push(...googleProblems(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
};

/** The effective settings, one row each, secrets masked. */
export const describeConfig = (
  environment: Environment,
): { readonly name: string; readonly value: string | null; readonly means: string }[] =>
  names.map((name) => {
    const value = raw(environment, name) ?? null;
    return {
      name,
      value: value !== null && traits(name).secret === true ? '(set)' : value,
      means: SETTINGS[name].means,
    };
  });

/** This process's environment. */
export const environment = (): Environment => process.env;
