/**
 * Installs a job's packages, as the agent: their install scripts and builds are code of strangers, and the agent would
 * run it anyway. Names are arguments behind `--`, never a shell's. The result belongs to root, and is read-only for the
 * agent like everything that was prepared.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { AGENT_UID, type FailureFile, type JobFile, PATHS } from './job-file.ts';
import { lchownIfRoot } from './ownership.ts';
import { killAll } from './processes.ts';

export interface Installed {
  readonly kind: string;
  readonly specs: readonly string[];
  readonly durationMs: number;
}

const MOST_LINES = 30;
const MOST_CHARS = 2_000;
const OUTPUT_BYTES = 8_388_608;
const CONTROL = /[^\P{Cc}\n\t]/gu;
const SCRATCH = join(PATHS.packages, '.scratch');

const NPM = ['npm', 'install', `--prefix=${PATHS.packages}/node`, '--no-audit', '--no-fund', '--no-update-notifier'];
const PIP = ['python3', '-m', 'pip', 'install', `--target=${PATHS.packages}/python`, '--no-input', '--no-cache-dir'];

/** Resolves with how each kind was installed, or with why it was not; nothing of an installation is alive then. */
export const installPackages = async (job: JobFile): Promise<readonly Installed[] | FailureFile> => {
  const { pip, npm, npmRegistry, pipIndex, seconds } = job.packages;
  const kinds: [kind: string, specs: readonly string[], command: readonly string[]][] = [
    [
      'pip',
      pip,
      [...PIP, '--disable-pip-version-check', '--progress-bar=off', '--quiet', ...indexOf(pipIndex), '--', ...pip],
    ],
    [
      'npm',
      npm,
      [
        ...[...NPM, '--no-progress', '--loglevel=error', '--foreground-scripts'],
        ...(npmRegistry === null ? [] : [`--registry=${npmRegistry}`]),
        ...['--', ...npm],
      ],
    ],
  ];
  const installed: Installed[] = [];
  for (const folder of [PATHS.packages, SCRATCH]) {
    mkdirSync(folder, { recursive: true });
    lchownIfRoot(folder, AGENT_UID);
  }
  for (const [kind, specs, command] of kinds) {
    if (specs.length === 0) continue;
    const begun = Date.now();
    const ended = asAgent(command, seconds);
    await killAll();
    if (ended.status !== 0) return failureOf(kind, specs, ended, seconds);
    installed.push({ kind, specs, durationMs: Date.now() - begun });
  }
  giveToRoot(PATHS.packages);
  return installed;
};

/** pip takes an index without TLS only from a host that it is told to trust. */
const indexOf = (index: string | null): readonly string[] => {
  if (index === null) return [];
  const { protocol, host } = new URL(index);
  return [`--index-url=${index}`, ...(protocol === 'http:' ? [`--trusted-host=${host}`] : [])];
};

const asAgent = (command: readonly string[], seconds: number): SpawnSyncReturns<string> => {
  const user = [`--reuid=${AGENT_UID}`, `--regid=${AGENT_UID}`, '--clear-groups', '--inh-caps=-all'];
  const change = ['setpriv', ...user, '--bounding-set=-all', '--no-new-privs', '--'];
  const [file = '', ...args] = process.getuid?.() === 0 ? [...change, ...command] : command;
  return spawnSync(file, args, {
    cwd: SCRATCH,
    encoding: 'utf8',
    // Nothing of the step's own environment: it may hold a key.
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: SCRATCH,
      TMPDIR: SCRATCH,
      LANG: 'C.UTF-8',
      NO_UPDATE_NOTIFIER: '1',
    },
    timeout: seconds * 1_000,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_BYTES,
  });
};

const failureOf = (
  kind: string,
  specs: readonly string[],
  { stdout, stderr, error }: SpawnSyncReturns<string>,
  seconds: number,
): FailureFile => {
  const code = error !== undefined && 'code' in error ? error.code : null;
  const why = code === 'ETIMEDOUT' ? ` within ${seconds} seconds` : '';
  const said = tailOf(`${stdout ?? ''}\n${stderr ?? ''}`);
  const words = said === '' ? (error?.message ?? '') : said;
  return {
    code: 'packages_failed',
    message: `${kind} could not install ${specs.join(', ')}${why}${words === '' ? '.' : `:\n${words}`}`,
    hint: `Nothing was executed. Check the names and versions; the runner image needs ${kind === 'pip' ? 'python3 with pip' : 'npm'}.`,
  };
};

/** The end of what a tool printed, without colours and control characters. */
const tailOf = (printed: string): string => {
  const lines = stripVTControlCharacters(printed).replace(/\r\n?/g, '\n').replace(CONTROL, '').split('\n');
  const tail = lines
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-MOST_LINES)
    .join('\n');
  return tail.length > MOST_CHARS ? `…${tail.slice(-MOST_CHARS)}` : tail;
};

const giveToRoot = (folder: string): void => {
  lchownIfRoot(folder, 0);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // A link is given, and not followed: it may lead anywhere.
    if (entry.isDirectory()) giveToRoot(path);
    else lchownIfRoot(path, 0);
  }
};
