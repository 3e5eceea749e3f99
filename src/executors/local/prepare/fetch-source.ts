/** Fetches the repository of one job. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from '../../../core/agent.ts';
import { DomainError } from '../../../core/errors.ts';
import type { Job, StartWatch } from '../../../ports/executor.ts';
import type { Fetched } from '../provision.ts';
import { type GitFetch, type GitSettings, gitFetch, REPOSITORY } from './git.ts';
import { reasonOf, uuidOf } from './install.ts';
import { lockFile } from './lock.ts';
import { tailOf } from './message.ts';
import { aborted, clearSteps, lockPath, runStep, type StepDeps, type StepEnd } from './step.ts';

export interface FetchOrder {
  readonly job: Job;
  readonly source: Source;
  readonly seconds: number;
  readonly watch: StartWatch | null;
  /** Whether the job's place has its workspace already. */
  staged(): boolean;
}

export interface FetchDeps extends StepDeps {
  readonly git: GitSettings;
  readonly now: () => number;
}

/** The repository, for this job alone; null when it is there already. `source_failed`, or `start_aborted`. */
export const fetchSource = async (deps: FetchDeps, order: FetchOrder): Promise<Fetched | null> => {
  const { job, source, watch } = order;
  const id = uuidOf(createHash('sha256').update(`source ${job.runId} ${job.attempt}`).digest('hex'));
  const signal = watch?.signal ?? new AbortController().signal;
  const path = lockPath(deps, id);
  // Also when nobody waits any more: a process that died may have left a step that goes on.
  const lock = await lockFile(path, !signal.aborted, signal.aborted ? null : signal);
  if (lock === null) throw aborted();
  const done = async (): Promise<void> => {
    await clearSteps(deps, id);
    // Nobody fetches it again: who waits for this lock, or makes it anew, finds the place staged.
    rmSync(path, { force: true });
    await lock.release();
  };
  try {
    if (order.staged()) {
      await done();
      return null;
    }
    await clearSteps(deps, id);
    if (signal.aborted) throw aborted();
    const begun = deps.now();
    const tell = async (status: 'started' | 'done', durationMs: number | null): Promise<void> => {
      const detail = `git: ${source.git} ${source.ref}`;
      await watch?.note({ type: 'run.preparing', data: { step: 'source', status, detail, durationMs } });
    };
    await tell('started', null);
    const fetch = await gitFetch(source, deps.git);
    const end = await runStep(deps, { ...fetch.recipe, id, number: 1, seconds: order.seconds }, signal);
    if (end.exit.code !== 0) throw fetchFailed(source, fetch, end, order.seconds);
    await tell('done', deps.now() - begun);
    return { workspace: join(end.workspace, REPOSITORY), done };
  } catch (error) {
    await done();
    throw error;
  }
};

const fetchFailed = (source: Source, fetch: GitFetch, end: StepEnd, seconds: number): DomainError => {
  const refused = [...new Set(end.refusals.map(({ host, reason }) => `${host}: ${reason}`))];
  const said = [tailOf(end.printed, fetch.secrets), ...refused].filter((text) => text !== '').join('\n');
  const message = `git could not fetch ${source.git} at ${source.ref}${reasonOf(end, seconds)}${said === '' ? '.' : `:\n${said}`}`;
  const access = fetch.hasCredentials
    ? 'Check the address and the ref, and whether the credentials of this server may read it.'
    : 'Check the address and the ref. For a private repository, the operator sets SLIPWAY_GIT_CREDENTIALS.';
  const [refusal] = end.refusals;
  const hint = refusal === undefined ? access : refusal.hint;
  return new DomainError('source_failed', message, { hint: `Nothing was executed. ${hint}` });
};
