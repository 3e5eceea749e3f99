/**
 * One step of a preparation: a job of its own behind the same walls, with limits of its own, and with a way to the few
 * hosts that it needs. What it makes is in its workspace, and whoever asked for the step takes it from there.
 */
import { chmodSync, closeSync, mkdirSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../../../core/errors.ts';
import { isRunId } from '../../../core/ids.ts';
import { DEFAULT_LIMITS, mergeLimits } from '../../../core/limits.ts';
import type { Egress, EgressRefusal, EgressWay } from '../../../ports/egress.ts';
import { type Executor, type Exit, type FileIn, PLACE } from '../../../ports/executor.ts';
import { type Furnishing, UNFURNISHED } from '../translate.ts';
import { lockFile } from './lock.ts';
import type { Trust } from './trust.ts';

/** Limits of a step; its time is given to each. */
const STEP_LIMITS = { memoryMb: 2_048, cpus: 2, maxProcesses: 512, maxOutputBytes: 8_388_608, diskMb: 4_096 } as const;
/** The longest that a step may take, whatever the run may. */
export const STEP_SECONDS = 600;

/**
 * Scratch space is on disk, since /tmp counts as memory. Every host is asked by the proxy, also one that is on this
 * machine for the server.
 */
const BEFORE = 'export TMPDIR="$HOME/scratch" NO_PROXY= no_proxy=; mkdir "$TMPDIR"; exec "$@"';

export interface Step {
  /** A UUID: the same preparation has the same, so that what a dead process left of it is found. */
  readonly id: string;
  /** Number within the preparation. */
  readonly number: number;
  /** Tool and arguments; nothing of it is secret. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly FileIn[];
  /** Hosts that it may reach; empty = no network at all. */
  readonly hosts: readonly string[];
  readonly furnishing: Furnishing;
  readonly seconds: number;
}

export interface StepEnd {
  readonly exit: Exit;
  /** End of what it printed; standard error, or standard output when that is empty. As printed. */
  readonly printed: string;
  readonly refusals: readonly EgressRefusal[];
  /** Directory on the host with what it made. */
  readonly workspace: string;
}

export interface StepDeps {
  readonly stepsDir: string;
  readonly egress: Egress;
  /** What steps with a network are given besides. */
  readonly trust: Trust;
  /** What a step may keep on disk in MiB, instead of the usual amount. */
  readonly diskMb?: number | undefined;
  /** An executor on `stepsDir` whose places have the furnishing. */
  executorWith(furnishing: Furnishing): Executor;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const NO_TRUST: Trust = { files: [], env: {} };

/** Runs a step to its end. Its place stays until `clearSteps`. `start_aborted` when `signal` came first. */
export const runStep = async (deps: StepDeps, step: Step, signal: AbortSignal): Promise<StepEnd> => {
  if (!isRunId(step.id)) throw new DomainError('internal', 'A step is named by no UUID.');
  const refusals: EgressRefusal[] = [];
  const way = step.hosts.length === 0 ? null : await openWay(deps, step, (refusal) => refusals.push(refusal));
  const trust = way === null ? NO_TRUST : deps.trust;
  const over = new AbortController();
  try {
    const execution = await deps.executorWith(step.furnishing).start({
      runId: step.id,
      attempt: step.number,
      program: '/bin/sh',
      args: ['-c', BEFORE, 'step', ...step.command],
      stdin: new Uint8Array(),
      env: { ...trust.env, ...step.env },
      files: [...trust.files, ...step.files],
      keep: [],
      limits: mergeLimits(DEFAULT_LIMITS, {
        ...STEP_LIMITS,
        ...(deps.diskMb === undefined ? {} : { diskMb: deps.diskMb }),
        timeoutSeconds: step.seconds,
      }),
      network: { allow: step.hosts },
      socketDir: way?.directory ?? null,
      packages: [],
      source: null,
    });
    const cancel = (): void => void execution.kill('cancelled');
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    void deps.sleep(step.seconds * 1_000, over.signal).then(() => {
      if (!over.signal.aborted) void execution.kill('deadline');
    });
    const exit = await execution.exit;
    signal.removeEventListener('abort', cancel);
    if (signal.aborted) throw aborted();
    const place = join(deps.stepsDir, execution.ref);
    const printed =
      endOf(join(place, 'stderr')).trim() === '' ? endOf(join(place, 'stdout')) : endOf(join(place, 'stderr'));
    return { exit, printed, refusals, workspace: join(place, 'workspace') };
  } finally {
    over.abort();
    await way?.close();
  }
};

/** Ends and removes what there is of a preparation's steps, also of a process that died. */
export const clearSteps = async (deps: StepDeps, id: string): Promise<void> => {
  await deps.executorWith(UNFURNISHED).sweep(async (runId) => runId === id);
  rmSync(wayDir(deps, id), { recursive: true, force: true });
};

/** File whose lock is held by whoever works on a preparation. */
export const lockPath = ({ stepsDir }: StepDeps, id: string): string => join(stepsDir, `${id}.lock`);

/** Clears a preparation that nobody works on: its process died. One that somebody works on is left to them. */
export const clearOrphan = async (deps: StepDeps, id: string): Promise<void> => {
  const lock = await lockFile(lockPath(deps, id), false, null);
  if (lock === null) return;
  await clearSteps(deps, id);
  await lock.release();
};

/** What `start` says when nobody waits for it any more. */
export const aborted = (): DomainError =>
  new DomainError('start_aborted', 'The preparation of the run was broken off.', { hint: 'Nothing was executed.' });

const wayDir = (deps: StepDeps, id: string): string => join(deps.stepsDir, `${id}.way`);

const openWay = async (
  deps: StepDeps,
  step: Step,
  refused: (refusal: EgressRefusal) => void,
): Promise<EgressWay & { readonly directory: string }> => {
  const directory = wayDir(deps, step.id);
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  const way = await deps.egress.open({ socketPath: join(directory, PLACE.egressSocket), hosts: step.hosts, refused });
  return { directory, close: () => way.close() };
};

const TAIL_BYTES = 16_384;

const endOf = (path: string): string => {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return '';
  const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const descriptor = openSync(path, 'r');
  try {
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, size - buffer.length));
  } finally {
    closeSync(descriptor);
  }
};
