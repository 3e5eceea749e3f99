/**
 * Fetches the repository that the workspace begins with, as the agent: one commit, with the branch that it was asked for
 * by. Nothing of the repository is executed: a new one has no hooks (`--template=`), and filters and other programs stand
 * in settings, of which there are none.
 */
import { mkdirSync } from 'node:fs';
import { runAsAgent, type ToolEnd } from './as-agent.ts';
import { AGENT_UID, type JobFile, PATHS } from './job-file.ts';
import { lchownIfRoot } from './ownership.ts';
import { PreparationError, type Prepared } from './preparation.ts';
import { killAll } from './processes.ts';

type Source = NonNullable<JobFile['source']>;

const SCRATCH = '/tmp/slipway-git';
const HEAD = 'HEAD';

/** Settings that come from nowhere else. */
const environmentFor = (git: string): Readonly<Record<string, string>> => ({
  GIT_ALLOW_PROTOCOL: new URL(git).protocol.slice(0, -1),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'core.hooksPath',
  GIT_CONFIG_VALUE_0: '/dev/null',
  GIT_CONFIG_KEY_1: 'init.defaultBranch',
  GIT_CONFIG_VALUE_1: 'main',
});

/** Resolves with how it was fetched; an empty list when the job has none. @throws PreparationError */
export const fetchSource = async (job: JobFile): Promise<readonly Prepared[]> => {
  const { source } = job;
  if (source === null) return [];
  const begun = Date.now();
  mkdirSync(SCRATCH, { recursive: true });
  lchownIfRoot(SCRATCH, AGENT_UID);
  const until = begun + job.prepareSeconds * 1_000;
  const git = (...args: readonly string[]): string => {
    // One limit for all that git is asked.
    const seconds = Math.max(1, Math.round((until - Date.now()) / 1_000));
    const env = environmentFor(source.git);
    const end = runAsAgent(['git', ...args], { cwd: PATHS.workspace, scratch: SCRATCH, seconds, env });
    if (!end.ok) throw new PreparationError(failureOf(source, end, job.prepareSeconds));
    return end.stdout;
  };
  try {
    checkOut(source, git);
  } finally {
    await killAll();
  }
  return [{ durationMs: Date.now() - begun }];
};

const checkOut = ({ git: url, ref }: Source, git: (...args: readonly string[]) => string): void => {
  git('init', '--quiet', '--template=', PATHS.workspace);
  git('remote', 'add', 'origin', url);
  const refs = git('ls-remote', '--symref', 'origin', HEAD, `refs/heads/${ref}`, `refs/tags/${ref}`).split('\n');
  const has = (name: string): boolean => refs.some((line) => line.split('\t')[1] === name && !line.startsWith('ref:'));
  const own = refs.map((line) => /^ref: refs\/heads\/(.*)\tHEAD$/.exec(line)?.[1]).find((name) => name !== undefined);
  const branch = ref === HEAD ? own : has(`refs/heads/${ref}`) ? ref : undefined;
  const tag = branch === undefined && has(`refs/tags/${ref}`) ? `+refs/tags/${ref}:refs/tags/${ref}` : null;
  const want = branch === undefined ? (tag ?? ref) : `+refs/heads/${branch}:refs/remotes/origin/${branch}`;
  git('fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', 'origin', want);
  if (branch === undefined) git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
  else git('checkout', '--quiet', '-B', branch, '--track', `origin/${branch}`);
};

const failureOf = ({ git, ref }: Source, { why, words }: ToolEnd, seconds: number) => ({
  code: 'source_failed' as const,
  message: `git could not fetch ${git} at ${ref}${why === '' ? '' : ` within ${seconds} seconds`}${words === '' ? '.' : `:\n${words}`}`,
  hint: 'Nothing was executed. Check the address and the ref; the runner image needs git. Builds have no credentials: a private repository cannot be fetched.',
});
