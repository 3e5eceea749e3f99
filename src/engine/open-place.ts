/** Finds the place of a claimed run, or makes it. */
import { conclude } from '../core/conclusion.ts';
import { requireInTime } from '../core/decision.ts';
import { DomainError } from '../core/errors.ts';
import type { Run } from '../core/run.ts';
import { type Decision, handOver, settle, started, startFailed } from '../core/transitions.ts';
import type { Execution, Job } from '../ports/executor.ts';
import type { ModelAccess } from '../ports/gateway.ts';
import { decideRun } from './decide-run.ts';
import type { Drive } from './deps.ts';
import { openSession } from './open-session.ts';
import { startPrepared } from './start-prepared.ts';
import { unmetNeeds } from './unmet-needs.ts';

/** After so many leases without a known start, nobody will ever know it. */
const MAX_UNKNOWN_STARTS = 30;

export interface Opened {
  readonly run: Run;
  readonly execution: Execution;
}

/**
 * Null when the run was settled, sent back to the queue, or handed over because `drain` aborted. Throws what is not
 * known to be either.
 */
export const openPlace = async (
  drive: Drive,
  run: Run,
  access: ModelAccess,
  drain: AbortSignal,
): Promise<Opened | null> => {
  const token = run.leaseToken;
  const apply = (decide: (run: Run) => Decision): Promise<Run> => decideRun(drive, run.id, decide);
  if (run.state.status === 'running') {
    const execution = await drive.executor.attach(run.state.execution.ref);
    if (execution !== null) return { run, execution };
    await apply((current) => settle(current, token, conclude.placeLost(), [], drive.clock.now()));
    return null;
  }
  const unmet = unmetNeeds(run.task, drive.executor.traits);
  if (unmet !== null) {
    await apply((current) => settle(current, token, conclude.refused(unmet), [], drive.clock.now()));
    return null;
  }
  requireInTime(run, drive.clock.now());
  const execution = await start(drive, run, access, drain).catch(async (error: unknown) => {
    // Only what the executor says of the start: a store that is away says nothing about it.
    if (!(error instanceof DomainError)) throw error;
    await apply((current) => {
      // Who leaves breaks the preparation off, too; the next holder of the lease goes on with the same attempt.
      const leaves = error.code === 'start_aborted' && current.stop === null;
      const now = drive.clock.now();
      return leaves ? handOver(current, token, now) : refused(current, token, error, now);
    });
    return null;
  });
  if (execution === null) return null;
  const running = await apply((current) =>
    started(current, token, execution.ref, drive.harness.fresh, drive.clock.now()),
  );
  return { run: running, execution };
};

/**
 * Also when the run is asked to end meanwhile: an earlier holder of the lease may have started it, and only `start`
 * finds that execution again. `keepLease` ends it at its first look.
 */
const start = async (drive: Drive, run: Run, access: ModelAccess, drain: AbortSignal): Promise<Execution> => {
  const session = await openSession(drive, run);
  const plan = drive.harness.plan(session.run, session.resume);
  const job: Job = {
    ...plan,
    env: { ...plan.env, ...access.env },
    runId: run.id,
    attempt: run.attempt,
    limits: run.task.limits,
    network: run.task.network,
    socketDir: access.socketDir,
    packages: run.task.requiredPackages,
    source: run.task.source,
  };
  const prepares = drive.executor.traits.startsSlowly || job.packages.length > 0 || job.source !== null;
  return prepares ? await startPrepared(drive, run, job, drain) : await drive.executor.start(job);
};

const refused = (run: Run, token: number, error: DomainError, now: number): Decision => {
  const hint = error.hint ?? null;
  switch (error.code) {
    case 'isolation_unavailable':
      return settle(run, token, conclude.isolationUnavailable(error.message, hint), [], now);
    case 'place_failed':
    case 'invalid_request':
      return settle(run, token, conclude.placeFailed(error.message, hint), [], now);
    case 'packages_failed':
    case 'source_failed':
      return settle(run, token, conclude.refused({ code: error.code, message: error.message, hint }), [], now);
    case 'start_aborted':
    case 'place_unavailable':
      return startFailed(run, token, error.message, hint, now);
    default:
      // Whether the place has the job is not known, so the same attempt is tried again.
      if (run.leaseToken < MAX_UNKNOWN_STARTS) throw error;
      return settle(run, token, conclude.placeFailed(error.message, hint), [], now);
  }
};
