/**
 * The Cloud Build executor: each job in a build of its own. All that is known of an execution is in Cloud Storage and in
 * Cloud Build; nothing is in this process, so any process can go on with it.
 *
 * Objects of an attempt, in the order in which they come to be (names in `runner/job-file.ts`):
 *   in.tgz      the job; the place exists while this does
 *   prepared, failed     what became of repository and packages, when there are any
 *   inside      id of the build that has claimed the attempt, written by its runner: the program is started
 *   kill        somebody wants its end, and why; the first one stays
 *   stdout, stderr, files, contents     brought out after the program's end
 *   end         how it ended: over, and nothing of it is alive
 */
import { isDomainError } from '../../core/errors.ts';
import type { EndReason } from '../../core/run.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Execution, Executor, Job, StartWatch } from '../../ports/executor.ts';
import type { Logger } from '../../ports/logger.ts';
import { type ArrivalSource, awaitArrival, BROKEN_OFF, claimant, liveBuilds, orderBuild } from './arrival.ts';
import { makeBundle, RUNNER_EXTENSION } from './bundle.ts';
import { checkGoogle } from './check.ts';
import { type ExitWatch, readEnd, watchExit } from './exit.ts';
import { filesOf } from './files.ts';
import { requireNoCredentials } from './git-credentials.ts';
import { createHub, type Taken } from './hub.ts';
import { requireStartable } from './job-rules.ts';
import { JOBS, type Place, placeOf, refOf } from './names.ts';
import { requireNewest } from './newest.ts';
import { readOutput } from './output.ts';
import { type Registries, stepsOf } from './preparation.ts';
import { OBJECTS } from './runner/job-file.ts';
import { type BuildOptions, translate } from './translate.ts';
import { createGoogle } from './transport.ts';
import { createWatcher, DEFAULT_WATCHER_PACE } from './watcher.ts';

export interface CloudBuildExecutorOptions extends Omit<BuildOptions, 'runnerExtension'> {
  readonly region: string;
  /** Addresses of emulators, ending with a slash; null = Google's own. */
  readonly cloudBuildRoot: string | null;
  readonly storageRoot: string | null;
  /** E-mail of the account that this process has at Google, for hints. */
  readonly account: () => Promise<string>;
  /** Where builds reach this server, without a slash at its end; null when they cannot. */
  readonly publicUrl: string | null;
  /** 32 bytes of this installation, the same in all its processes. */
  readonly secret: Uint8Array;
  /** Programs by name: the npm package that has each, with its version. */
  readonly programs: Readonly<Record<string, string>>;
  readonly registries: Registries;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly pace?: Partial<CloudBuildPace>;
}

/** How often is looked, in milliseconds. */
export interface CloudBuildPace {
  /** At the list of builds, at least. */
  readonly tickMs: number;
  /** Whether a program was started. */
  readonly startMs: number;
  /** At a log, when no output is posted. */
  readonly logMs: number;
  /** How long a runner may take to end its program before the build is cancelled. */
  readonly graceMs: number;
  readonly callsPerMinute: number;
}

const DEFAULT_PACE: CloudBuildPace = {
  tickMs: DEFAULT_WATCHER_PACE.tickMs,
  startMs: 1_000,
  logMs: 1_000,
  graceMs: 20_000,
  callsPerMinute: DEFAULT_WATCHER_PACE.callsPerMinute,
};

export interface CloudBuildExecutor extends Executor {
  /** Whether a token is that of the place. */
  knows(ref: string, token: string): boolean;
  /** Output that a place posted. */
  accept(ref: string, token: string, text: string): Taken;
  /** The status of some build has changed. */
  nudge(): void;
}

export const createCloudBuildExecutor = (options: CloudBuildExecutorOptions): CloudBuildExecutor => {
  const { clock, random, logger, secret } = options;
  const pace = { ...DEFAULT_PACE, ...options.pace };
  const google = createGoogle(options);
  const watcher = createWatcher(google, clock, logger, pace);
  const hub = createHub(secret, clock);
  const arrivals: ArrivalSource = { google, watcher, clock, random, lookMs: pace.startMs };

  const exists = async (place: Place): Promise<boolean> =>
    (await google.read(`${place.prefix}${OBJECTS.bundle}`, 0, 0)) !== null;

  const start = async (job: Job, watch?: StartWatch): Promise<Execution> => {
    requireStartable(job, options, options.modelSecret === null);
    if (job.source !== null) await requireNoCredentials(job.source, options.registries.gitCredentials);
    const place = requirePlace(job);
    const build = translate(job, place, { ...options, runnerExtension: RUNNER_EXTENSION });
    const running = await claimant(google, place);
    if (running === BROKEN_OFF) await clearAway(place);
    else if (running !== null) return open(place, running);
    await requireNewest(google, place, job);
    const bundle = await makeBundle(job, place, { ...options, storageRoot: google.storageRoot });
    // Every order comes after its bundle: whoever has written that knows that there was none before.
    const isFirst = await google.putOnce(`${place.prefix}${OBJECTS.bundle}`, bundle);
    try {
      // Repository and packages are prepared by the build itself, so its order is the start.
      await watch?.confirm();
      const id = await orderBuild(arrivals, place, build, isFirst);
      return open(place, await awaitArrival(arrivals, place, id, watch ?? null, stepsOf(job)));
    } catch (error) {
      // What is not known to have failed stays: the same attempt is tried again, and finds it.
      if (!isDomainError(error, 'internal')) await clearAway(place);
      throw error;
    }
  };

  const requirePlace = (job: Job): Place => {
    const place = placeOf(secret, `${job.runId}/${job.attempt}`);
    if (place === null) throw new TypeError('The job names no run.');
    return place;
  };

  const open = (place: Place, buildId: string): Execution => {
    let watch: ExitWatch | null = null;
    const ended = (): ExitWatch => {
      watch ??= watchExit({ google, watcher, clock, logger, place, buildId });
      return watch;
    };
    const kill = async (reason: EndReason): Promise<void> => {
      const { exit, over: isOver } = ended();
      if (isOver()) return;
      const name = `${place.results}${OBJECTS.kill}`;
      // At once, since a program may end by itself while one asks whether it has.
      const [end] = await Promise.all([readEnd(google, place), google.putOnce(name, Buffer.from(reason))]);
      if (end !== null) {
        await exit;
        return;
      }
      const over = new AbortController();
      void exit.then(() => over.abort());
      await clock.sleep(pace.graceMs, over.signal);
      if (!over.signal.aborted) {
        await google.cancel(buildId);
        watcher.nudge();
      }
      await exit;
    };
    return {
      ref: place.ref,
      output: (from) =>
        readOutput(
          {
            google,
            hub,
            clock,
            place,
            buildId,
            exit: () => ended().exit,
            onEnd: () => ended().ring(),
            logMs: pace.logMs,
          },
          from,
        ),
      // Looked for only when asked, so that who merely attaches costs nothing.
      get exit() {
        return ended().exit;
      },
      kill,
      files: async function* () {
        await ended().exit;
        yield* filesOf(google, place);
      },
      release: async () => {
        if (!(await exists(place))) return;
        await kill('cancelled');
        await removeObjects(place);
      },
    };
  };

  const removeObjects = async (place: Place): Promise<void> => {
    // First, so that the place is gone at once for everybody; what a crash leaves of the rest is swept.
    await google.remove(`${place.prefix}${OBJECTS.bundle}`);
    for await (const name of google.list(place.prefix)) await google.remove(name);
  };

  /** Ends what nobody wants any more, also what is still in the queue, and removes the place. */
  const clearAway = async (place: Place): Promise<void> => {
    if ((await readEnd(google, place)) === null) {
      for (const id of await liveBuilds(google, place)) await google.cancel(id);
    }
    await removeObjects(place);
  };

  return {
    name: 'cloud-build',
    traits: { enforcesEgress: false, startsSlowly: true },
    check: () => checkGoogle(google, options),
    start,
    attach: async (ref) => {
      const place = placeOf(secret, ref);
      if (place === null || !(await exists(place))) return null;
      const id = await claimant(google, place);
      return id === null || id === BROKEN_OFF ? null : open(place, id);
    },
    sweep: async (isOver) => {
      const refs = new Set<string>();
      for await (const name of google.list(JOBS)) {
        const ref = refOf(name);
        if (ref !== null) refs.add(ref);
      }
      let released = 0;
      for (const ref of refs) {
        const place = placeOf(secret, ref);
        if (place === null || !(await isOver(place.runId))) continue;
        await clearAway(place);
        released += 1;
      }
      return released;
    },
    knows: hub.knows,
    accept: hub.accept,
    nudge: watcher.nudge,
  };
};
