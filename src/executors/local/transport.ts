/** Starts the supervisor of a place, apart from this process, and waits until the program is inside the walls. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Bell, openBell } from './bell.ts';
import { entrancesOf, type Fence } from './cgroup.ts';
import { explainRefusal } from './diagnosis.ts';
import { errorCode, freshName, lineOf, type Place } from './place.ts';
import { SUPERVISOR } from './supervisor.ts';
import { supervisorOf } from './survivors.ts';
import { FILTER_FD, NAMESPACE_FD, OPTIONS_FD } from './translate.ts';

/** What a supervisor is told. */
export interface Launch {
  readonly fence: Fence;
  readonly options: readonly string[];
  readonly command: readonly string[];
  /** Compiled filter of system calls; null without one. */
  readonly filter: Uint8Array | null;
  /** Descriptor of the user namespace that the command enters; null when it enters none. */
  readonly namespace: number | null;
  readonly limits: Limits;
  /** Seconds past the time limit after which the supervisor ends the job itself: no server does. */
  readonly graceSeconds: number;
  /** Free bytes of the disk below which jobs that hold much of it are ended. */
  readonly reserveBytes: number;
  /** Directory on the host that counts as the job's besides workspace and home, since it can write there. */
  readonly countedToo: string | null;
}

/**
 * The largest file that a job may write is as large as all of them together, and a little more, so that the quota is seen
 * to be exceeded. The kernel has one such limit for all files of a process, those that it prints to included.
 */
const BEYOND_QUOTA_BYTES = 1_048_576;
const BLOCK_BYTES = 512;

/** Started apart: a session of its own, no stream and no handle of ours. */
export const launch = (place: Place, what: Launch): ChildProcess => {
  // The options hold the run's token.
  const options = unnamedFile(place, Buffer.from(what.options.map((text) => `${text}\0`).join('')));
  const filter = what.filter === null ? null : unnamedFile(place, what.filter);
  const { timeoutSeconds, maxOutputBytes, diskMb } = what.limits;
  const largest = Math.max(diskMb * 1_048_576 + BEYOND_QUOTA_BYTES, 2 * maxOutputBytes);
  const args = [
    '-c',
    SUPERVISOR,
    'slipway-supervisor',
    String(timeoutSeconds + what.graceSeconds),
    String(maxOutputBytes),
    String(Math.ceil(largest / BLOCK_BYTES)),
    String(diskMb * 1024),
    String(Math.ceil(what.reserveBytes / 1024)),
    ...entrancesOf(what.fence),
    '--',
    ...what.fence.command,
    ...what.command,
  ];
  const nothing = openSync('/dev/null', 'r+');
  try {
    const child = spawn('/bin/sh', args, {
      cwd: place.dir,
      detached: true,
      env: { ...supervisorEnv(), ...(what.countedToo === null ? {} : { COUNTED_TOO: what.countedToo }) },
      stdio: streamsOf(
        new Map([
          [OPTIONS_FD, options],
          ...(filter === null ? [] : [[FILTER_FD, filter] as const]),
          ...(what.namespace === null ? [] : [[NAMESPACE_FD, what.namespace] as const]),
        ]),
        nothing,
      ),
    });
    child.on('error', () => undefined);
    child.unref();
    return child;
  } catch (error) {
    throw spawnError(error);
  } finally {
    closeSync(options);
    if (filter !== null) closeSync(filter);
    closeSync(nothing);
  }
};

/**
 * Descriptors that whoever started this server left open. Node passes them on to every child: a job would hold them,
 * and whoever waits for the end of such a pipe would wait for the job.
 */
let inherited: readonly number[] | null = null;

const findInherited = (): readonly number[] =>
  readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && staysOpen(descriptor));

const staysOpen = (descriptor: number): boolean => {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false;
  }
};

const O_CLOEXEC = 0o2000000;

const streamsOf = (given: ReadonlyMap<number, number>, nothing: number): (number | 'ignore')[] => {
  inherited ??= findInherited();
  const streams: (number | 'ignore')[] = ['ignore', 'ignore', 'ignore'];
  for (const descriptor of [...inherited, ...given.keys()]) {
    while (streams.length <= descriptor) streams.push('ignore');
    streams[descriptor] = given.get(descriptor) ?? nothing;
  }
  return streams;
};

/** A file that nobody can open by a name, to be read from its beginning. */
const unnamedFile = (place: Place, bytes: Uint8Array): number => {
  const path = join(place.dir, `.handed-${freshName()}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  // At a position, so that the reader that shares this descriptor starts at the beginning.
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done, done);
  return descriptor;
};

/** What systemd-run needs to find the user's manager; the job itself gets none of it. */
const supervisorEnv = (): Record<string, string> => {
  const env: Record<string, string> = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const runtime = process.getuid === undefined ? null : `/run/user/${process.getuid()}`;
  if (runtime !== null && existsSync(runtime)) {
    env.XDG_RUNTIME_DIR = runtime;
    env.DBUS_SESSION_BUS_ADDRESS = `unix:path=${runtime}/bus`;
  }
  return env;
};

const spawnError = (error: unknown): DomainError => {
  const code = errorCode(error) ?? 'unknown error';
  const tooLong = code === 'E2BIG';
  return new DomainError(
    tooLong ? 'place_failed' : 'place_unavailable',
    tooLong ? 'The arguments of the program are too long for this system.' : `No process can be started (${code}).`,
    {
      hint: tooLong ? 'Nothing was executed. Hand long text in on standard input.' : 'Nothing was executed.',
      cause: error,
    },
  );
};

/** `ended`: over before the program was started. `died`: its supervisor is gone, and told nobody why. */
export type Arrival = 'inside' | 'ended' | 'never-claimed' | 'died';

const LONGEST_START_MS = 60_000;
/** Between two looks at a start that nobody tells us of; the end of a supervisor before its claim changes no file. */
const LOOK_MS = 10;

const arrivalAt = (place: Place): Arrival | null => {
  if (lineOf(place, 'inside') !== null) return 'inside';
  if (lineOf(place, 'exit') === null) return null;
  return lineOf(place, 'inside') === null ? 'ended' : 'inside';
};

/** Waits until the program was started, or will not be. `child` is our own supervisor, null when we have none. */
export const awaitArrival = async (place: Place, child: ChildProcess | null, clock: Clock): Promise<Arrival> => {
  const bell = openBell(place, ['claim', 'inside', 'exit'], clock);
  child?.once('exit', bell.ring);
  try {
    return await arrived(place, child, clock, bell);
  } finally {
    child?.off('exit', bell.ring);
    bell.close();
  }
};

const arrived = async (place: Place, child: ChildProcess | null, clock: Clock, bell: Bell): Promise<Arrival> => {
  const until = clock.now() + LONGEST_START_MS;
  for (;;) {
    const arrival = arrivalAt(place);
    if (arrival !== null) return arrival;
    // Before the look at the claim: a supervisor that is gone has made its claim, or has lost it, or never will.
    const gone = child === null || child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (gone && !existsSync(place.path('claim'))) return 'never-claimed';
    if (lineOf(place, 'claim') !== null && supervisorOf(place) === null) return arrivalAt(place) ?? 'died';
    if (clock.now() > until) return 'died';
    await bell.wait(LOOK_MS);
  }
};

/** Why the program was not started, for the user. */
export const refusalOf = (place: Place): DomainError => {
  const refused = lineOf(place, 'refused');
  if (refused !== null) {
    return new DomainError('isolation_unavailable', `The job could not be put under its limits (${refused}).`, {
      hint: 'Nothing was executed. Run `slipway doctor` for what mends it.',
    });
  }
  return explainRefusal(beginningOf(place.path('stderr')));
};

const beginningOf = (path: string): string => {
  const buffer = Buffer.alloc(2_000);
  try {
    const descriptor = openSync(path, 'r');
    try {
      return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0)).trim();
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
};
