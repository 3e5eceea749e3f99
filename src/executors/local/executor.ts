/**
 * The local executor: each job in a sandbox of its own on this machine, apart from the server. All that is known of an
 * execution is in its directory and in the kernel; nothing is in this process, so any process can go on with it.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../../core/errors.ts';
import { isRunId } from '../../core/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Execution, Executor, Exit, Job, StartWatch } from '../../ports/executor.ts';
import type { Logger } from '../../ports/logger.ts';
import { hitsOf, makeGroups } from './cgroup.ts';
import { checkHost } from './check.ts';
import { requireRoom, roomIn } from './disk-quota.ts';
import { awaitExit, reasonOf } from './exit.ts';
import { createFences } from './fences.ts';
import { filesOf } from './files.ts';
import { findBubblewrap, type HostPrograms, SHELL, viewHost } from './host.ts';
import { programPath, requireProgramNames, requireStartable } from './job-rules.ts';
import { killPlace } from './kill.ts';
import { readOutput } from './output.ts';
import { freshName, type Place, type PlaceRecord, placeOf, recordOf } from './place.ts';
import type { Provision } from './provision.ts';
import { placesIn, removePlace, requireNewest } from './release.ts';
import { sealProgram } from './sealed-programs.ts';
import { stage } from './stage.ts';
import { createFilters } from './system-call-filter.ts';
import { type Furnishing, type HostView, sandboxCommand, sandboxOptions, UNFURNISHED, wallsOf } from './translate.ts';
import { awaitArrival, launch, refusalOf } from './transport.ts';
import { userNamespace } from './user-namespace.ts';

export interface LocalExecutorOptions {
  /** Directory for the places, absolute; made when it is missing. */
  readonly runsDir: string;
  /** `strict` refuses a job when a part of its isolation is missing; `relaxed` goes without the limits that it names. */
  readonly isolation: 'strict' | 'relaxed';
  /** Programs by name: absolute path of an executable on the host. */
  readonly programs: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Host uid of the jobs when the server is root. */
  readonly jobUid?: number;
  /** Seconds past a job's time limit after which it ends even when no server is alive. */
  readonly graceSeconds?: number;
  /** Gives jobs packages and repositories; without it, a job that needs some is refused. */
  readonly provision?: Provision;
  /** Free bytes of the disk below which no job is started, and those that hold much of it are ended; else a share. */
  readonly reserveBytes?: number;
  /** Where the kernel shows its settings. */
  readonly sysctlRoot?: string;
}

const DEFAULT_JOB_UID = 61_234;
const DEFAULT_GRACE_SECONDS = 15;

/**
 * Makes the local executor. A job has no network at all. One whose `network.allow` names hosts is led to the egress
 * proxy's socket in its socket directory, and the proxy enforces the list.
 */
export const createLocalExecutor = (options: LocalExecutorOptions): Executor => {
  requireProgramNames(options.programs);
  const { runsDir, clock, logger } = options;
  const fences = createFences(options.isolation, logger);
  const filterFor = createFilters(options.isolation, logger);

  const start = async (job: Job, watch?: StartWatch): Promise<Execution> => {
    requireStartable(job);
    const place = placeOf(runsDir, `${job.runId}/${job.attempt}`);
    if (place === null) throw new DomainError('place_failed', 'The job names no run.');
    const isStarted = (): boolean => existsSync(place.path('claim'));
    const child = isStarted()
      ? null
      : await prepareAndLaunch(place, job, watch ?? null).catch((error: unknown) => {
          // Somebody who has lost the lease, and does not know it yet, may have started it meanwhile.
          if (isStarted()) return null;
          throw error;
        });
    return await whenArrived(place, child);
  };

  const prepareAndLaunch = async (place: Place, job: Job, watch: StartWatch | null): Promise<ChildProcess> => {
    mkdirSync(runsDir, { recursive: true, mode: 0o700 });
    const room = roomIn(runsDir);
    const reserveBytes = options.reserveBytes ?? room.reserve;
    requireRoom({ ...room, reserve: reserveBytes });
    const bwrap = findBubblewrap();
    const host = viewHost(runsDir, options.jobUid ?? DEFAULT_JOB_UID, await sealedPrograms());
    const filter = filterFor(host.identity);
    const namespace = await namespaceOf(host);
    const program = programPath(job.program, host.programs);
    requireNewest(runsDir, place, job);
    const furnishing = await furnish(job, watch);
    if (existsSync(place.dir)) await watch?.confirm();
    else await stageWhole(place, job, ownerOf(host), watch);
    const record = recordOf(place);
    if (record === null) throw new DomainError('place_unavailable', 'The run directory was removed during the start.');
    await enterable(place, record, job);
    // Again, since staging takes time: a process that was stopped in it may have been overtaken meanwhile.
    requireNewest(runsDir, place, job);
    const walls = wallsOf(host, {
      workspace: place.path('workspace'),
      home: place.path('home'),
      sockets: job.socketDir,
      // Without a socket there is no way to lead to, and the place has no network at all.
      relayNode: job.network.allow.length > 0 && job.socketDir !== null ? process.execPath : null,
      memoryBytes: job.limits.memoryMb * 1_048_576,
      filtered: filter !== null,
      env: job.env,
      furnishing,
      program,
      args: job.args,
    });
    return launch(place, {
      fence: record.fence,
      options: sandboxOptions(walls),
      command: sandboxCommand(bwrap, walls),
      filter,
      namespace,
      limits: job.limits,
      graceSeconds: options.graceSeconds ?? DEFAULT_GRACE_SECONDS,
      reserveBytes,
      countedToo: furnishing.mounts.flatMap((mount) => (mount.kind === 'writable' ? [mount.from] : []))[0] ?? null,
    });
  };

  const furnish = async (job: Job, watch: StartWatch | null): Promise<Furnishing> => {
    if (options.provision !== undefined) return await options.provision.furnish(job, watch);
    if (job.packages.length === 0 && job.source === null) return UNFURNISHED;
    throw new DomainError(
      job.packages.length > 0 ? 'packages_failed' : 'source_failed',
      'Nothing here can prepare it.',
      {
        hint: 'Nothing was executed. Remove the packages and the repository from the job.',
      },
    );
  };

  const stageWhole = async (place: Place, job: Job, owner: number | null, watch: StartWatch | null): Promise<void> => {
    const fetched = (await options.provision?.fetch(job, watch, () => existsSync(place.dir))) ?? null;
    try {
      await watch?.confirm();
      const record = await recordFor(job);
      if (!existsSync(place.dir)) await stage(place, job, record, { owner, workspace: fetched?.workspace ?? null });
    } finally {
      await fetched?.done();
    }
  };

  const sealedPrograms = async (): Promise<HostPrograms> => {
    const seal = (name: string, path: string) => sealProgram(join(runsDir, '.programs'), name, path);
    const named: Record<string, string> = {};
    for (const [name, path] of Object.entries(options.programs)) named[name] = await seal(name, path);
    return { named, shell: await seal('sh', SHELL) };
  };

  const recordFor = async (job: Job): Promise<PlaceRecord> => ({
    // Unlike any other, so that groups of an earlier life neither block it nor count for it.
    fence: await fences.fenceFor(`slipway-${job.runId}-${job.attempt}-${clock.now()}-${freshName()}`, job.limits),
    keep: job.keep,
    files: job.files.map(({ root, path }) => ({ root, path })),
    maxOutputBytes: job.limits.maxOutputBytes,
  });

  const enterable = async (place: Place, record: PlaceRecord, job: Job): Promise<void> => {
    try {
      await makeGroups(record.fence, job.limits);
    } catch (error) {
      if (!existsSync(place.path('claim'))) await removePlace(place, clock);
      throw new DomainError('isolation_unavailable', 'The control groups of the job cannot be made.', {
        hint: 'Nothing was executed. Run `slipway doctor` for what mends it.',
        cause: error,
      });
    }
  };

  const whenArrived = async (place: Place, child: ChildProcess | null): Promise<Execution> => {
    const arrival = await awaitArrival(place, child, clock);
    const execution = open(place);
    if (arrival === 'inside') return execution;
    if (arrival === 'ended') {
      const record = recordOf(place);
      // Killed, or out of memory, before its program was started: an end like any other.
      if (reasonOf(place) !== null || (record !== null && hitsOf(record.fence).length > 0)) return execution;
      const refusal = refusalOf(place);
      await removePlace(place, clock);
      throw refusal;
    }
    logger.warn({ ref: place.ref, arrival }, 'A supervisor did not start its job.');
    if (arrival === 'died') await execution.kill('cancelled');
    if (arrival === 'died' || !existsSync(place.path('claim'))) await removePlace(place, clock);
    throw new DomainError('place_unavailable', 'The process that starts the job ended too early.', {
      hint: 'Nothing of the job is alive. Check free memory, processes and disk space of this machine.',
    });
  };

  const open = (place: Place): Execution => {
    let exit: Promise<Exit> | null = null;
    const ended = (): Promise<Exit> => {
      exit ??= awaitExit(place, clock);
      return exit;
    };
    return {
      ref: place.ref,
      output: (from) => readOutput(place, from, ended, clock),
      // Looked for only when asked, so that who merely attaches costs nothing.
      get exit() {
        return ended();
      },
      kill: (reason) => killPlace(place, reason, ended(), clock),
      files: async function* () {
        await ended();
        const record = recordOf(place);
        if (record !== null) yield* filesOf(place, record);
      },
      release: async () => {
        await killPlace(place, 'cancelled', ended(), clock);
        await removePlace(place, clock);
      },
    };
  };

  /** A place that nobody claimed has nothing alive, and its end would never come. */
  const sweepPlace = async (ref: string): Promise<boolean> => {
    const place = placeOf(runsDir, ref);
    if (place === null) return false;
    const found = existsSync(place.dir);
    if (existsSync(place.path('claim'))) await open(place).release();
    else await removePlace(place, clock);
    return found;
  };

  return {
    name: 'local',
    traits: { enforcesEgress: true, startsSlowly: false },
    check: () =>
      checkHost({
        start,
        means: fences.means,
        isolation: options.isolation,
        runsDir,
        reserveBytes: options.reserveBytes ?? null,
        ...(options.sysctlRoot === undefined ? {} : { sysctlRoot: options.sysctlRoot }),
      }),
    start,
    attach: async (ref) => {
      const place = placeOf(runsDir, ref);
      return place !== null && existsSync(place.path('claim')) ? open(place) : null;
    },
    sweep: async (isOver) => {
      let released = 0;
      for (const { run, refs } of placesIn(runsDir)) {
        if (!isRunId(run) || !(await isOver(run))) continue;
        for (const ref of refs) released += (await sweepPlace(ref)) ? 1 : 0;
      }
      return released;
    },
  };
};

const ownerOf = (host: HostView): number | null => (host.identity.kind === 'changed' ? host.identity.uid : null);

const namespaceOf = async ({ identity }: HostView): Promise<number | null> =>
  identity.kind === 'own' ? null : await userNamespace(identity.unshare, identity.uid);
