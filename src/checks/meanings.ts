/** Why each part matters, and what works without it, for those who read a finding. */
import type { Finding } from '../ports/executor.ts';

interface Meaning {
  readonly matters: string;
  readonly without: string;
}

const READING = 'Everything but running: agents, schedules and the records of earlier runs.';
const ELSEWHERE = 'Nothing on this machine; commands to a server elsewhere (--url) do.';
const WALL: Meaning = {
  matters: 'It is a part of the wall between agents and this machine. No run is started without it.',
  without: READING,
};
const LIMIT: Meaning = {
  matters: 'It keeps one run from taking the memory, the processors or the disk of all others and of the server.',
  without: `${READING} With SLIPWAY_ISOLATION=relaxed runs go on without these limits.`,
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  node: { matters: 'The server uses what this version brought: SQLite, and TypeScript as it is.', without: ELSEWHERE },
  claude: { matters: 'It is the program that every run executes.', without: READING },
  credentials: {
    matters: 'Each run asks the model service for answers; without them it fails.',
    without: 'Everything, with scripted answers: slipway serve --demo. Records can be read and agents edited.',
  },
  clock: {
    matters: 'Schedules fire by it, and certificates and leases are judged by it.',
    without: 'Runs that are started by hand.',
  },
  'data directory': { matters: 'The database, the places of runs and the caches are in it.', without: ELSEWHERE },
  'temporary files': {
    matters: 'Tools that prepare runs, such as git and npm, keep their own files there.',
    without: 'Runs that need neither packages nor a repository.',
  },
  store: { matters: 'All agents, runs and events are in it.', without: ELSEWHERE },
  port: {
    matters: 'The HTTP API and the dashboard are served on it.',
    without: 'A server on another port; commands to a server elsewhere (--url).',
  },
  disk: {
    matters: 'Runs write to it, and a reserve is kept for ending what has begun.',
    without: 'Reading. What is going on can end; nothing new is started.',
  },
  'control groups': LIMIT,
  'memory limit': LIMIT,
  'process limit': LIMIT,
  'CPU limit': LIMIT,
  'disk quota': LIMIT,
  'pip packages': {
    matters: 'It installs the Python packages that agents ask for.',
    without: 'Runs without Python packages.',
  },
  'npm packages': {
    matters: 'It installs the npm packages that agents ask for.',
    without: 'Runs without npm packages.',
  },
  'certificate authorities': {
    matters: 'By it the server knows the model service, and preparations know registries and git hosts.',
    without: 'Nothing with this setting; without it, what public authorities vouch for.',
  },
  'cloud storage': { matters: 'What a build needs, and what comes of it, goes through the bucket.', without: READING },
  'cloud build': { matters: 'Each run executes in a build of its own.', without: READING },
  'runner account': {
    matters: 'Each program in a build can act as the account of its steps.',
    without: 'Everything; agents then have what the default account may do.',
  },
  'public address': {
    matters: 'By it builds reach the gateway and tell what is going on in them.',
    without: 'Runs without a budget, with a model key of their own from Secret Manager.',
  },
  repositories: { matters: 'It fetches the repositories that agents work on.', without: 'Runs without a repository.' },
  bwrap: WALL,
  nsenter: WALL,
  unshare: WALL,
  namespaces: WALL,
  'user inside': WALL,
  'file system': WALL,
  'no network': WALL,
  'system calls': WALL,
  sandbox: WALL,
};

/** The parts that have a meaning by their name. */
export const KNOWN_PARTS: readonly string[] = Object.keys(MEANINGS);

/** What works without a part of this machine that turns of conversations alone need. */
export const WITHOUT_TURNS = 'Everything; turns of conversations execute in builds, and start as slowly.';

/** The finding with its meaning, where something is wrong and it does not bring one along. */
export const withMeaning = (finding: Finding): Finding => {
  if (finding.status === 'ok') return finding;
  const meaning = finding.part.endsWith(' namespace') ? WALL : MEANINGS[finding.part];
  return { ...meaning, ...finding };
};
