/**
 * Installs a job's packages, as the agent: their install scripts and builds are code of strangers, and the agent would
 * run it anyway. The result belongs to root, and is read-only for the agent like everything that was prepared.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runAsAgent } from './as-agent.ts';
import { AGENT_UID, type JobFile, PATHS } from './job-file.ts';
import { lchownIfRoot } from './ownership.ts';
import { PreparationError, type Prepared } from './preparation.ts';
import { killAll } from './processes.ts';

const SCRATCH = join(PATHS.packages, '.scratch');
const NPM = ['npm', 'install', `--prefix=${PATHS.packages}/node`, '--no-audit', '--no-fund', '--no-update-notifier'];
const PIP = ['python3', '-m', 'pip', 'install', `--target=${PATHS.packages}/python`, '--no-input', '--no-cache-dir'];
const PIP_QUIET = ['--disable-pip-version-check', '--progress-bar=off', '--quiet'];
const NPM_QUIET = ['--no-progress', '--loglevel=error', '--foreground-scripts'];

/** Resolves with how each kind was installed; nothing of an installation is alive then. @throws PreparationError */
export const installPackages = async (job: JobFile): Promise<readonly Prepared[]> => {
  const { pip, npm, npmRegistry, pipIndex } = job.packages;
  const registry = npmRegistry === null ? [] : [`--registry=${npmRegistry}`];
  const kinds: [kind: string, specs: readonly string[], command: readonly string[]][] = [
    ['pip', pip, [...PIP, ...PIP_QUIET, ...indexOf(pipIndex), '--', ...pip]],
    ['npm', npm, [...NPM, ...NPM_QUIET, ...registry, '--', ...npm]],
  ];
  const wanted = kinds.filter(([, specs]) => specs.length > 0);
  if (wanted.length === 0) return [];
  for (const folder of [PATHS.packages, SCRATCH]) {
    mkdirSync(folder, { recursive: true });
    lchownIfRoot(folder, AGENT_UID);
  }
  const installed: Prepared[] = [];
  for (const [kind, specs, command] of wanted) {
    const begun = Date.now();
    const { ok, why, words } = runAsAgent(command, { cwd: SCRATCH, scratch: SCRATCH, seconds: job.prepareSeconds });
    await killAll();
    if (!ok) {
      throw new PreparationError({
        code: 'packages_failed',
        message: `${kind} could not install ${specs.join(', ')}${why}${words === '' ? '.' : `:\n${words}`}`,
        hint: `Nothing was executed. Check the names and versions; the runner image needs ${kind === 'pip' ? 'python3 with pip' : 'npm'}.`,
      });
    }
    installed.push({ durationMs: Date.now() - begun });
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

const giveToRoot = (folder: string): void => {
  lchownIfRoot(folder, 0);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // A link is given, and not followed: it may lead anywhere.
    if (entry.isDirectory()) giveToRoot(path);
    else lchownIfRoot(path, 0);
  }
};
