/**
 * Runs the program as the agent and watches it: its limits, the wish to end it, and its output.
 *
 * Its streams are files that only root can open: a program that prints into a slow pipe loses the end of its output,
 * and one that could open the file could forge what another one said.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { CHANGE_TO_AGENT } from './as-agent.ts';
import { type EndFile, type JobFile, PATHS } from './job-file.ts';
import type { RunnerObjects } from './objects.ts';
import { agentProcesses, killAll, memoryOf, signal } from './processes.ts';
import type { Tail } from './tail.ts';

const SAMPLE_MS = 100;
const TAIL_MS = 500;
const KILL_LOOK_MS = 1_000;
const GRACE_MS = 1_500;
const SIGNAL_BASE = 128;

export interface Streams {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

type Ended = Omit<EndFile, 'filesError'>;

/** Resolves when nothing of the program is alive. */
export const supervise = async (
  job: JobFile,
  streams: Streams,
  tail: Tail,
  wish: () => Promise<string | null>,
): Promise<Ended> => {
  const limitsHit = new Set<EndFile['limitsHit'][number]>();
  const early = await wish();
  if (early !== null) return { ...never(early), stdoutBytes: 0, stderrBytes: 0 };
  const child = launch(job, streams);
  const over = new AbortController();
  let killed: string | null = null;
  const status = new Promise<Pick<EndFile, 'code' | 'signal'>>((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, name) => resolve(code === null ? { code, signal: name } : decodeStatus(code)));
  });

  const every = async (ms: number, act: () => Promise<void>): Promise<void> => {
    while (!over.signal.aborted) {
      await setTimeout(ms, undefined, { signal: over.signal }).catch(() => undefined);
      if (!over.signal.aborted) await act();
    }
  };
  const endAtLimit = async (limit: EndFile['limitsHit'][number]): Promise<void> => {
    limitsHit.add(limit);
    await killAll();
  };
  const deadlineAt = Date.now() + job.timeoutSeconds * 1_000;
  const sample = async (): Promise<void> => {
    const pids = agentProcesses();
    if (memoryOf(pids) > job.memoryBytes) await endAtLimit('memory');
    else if (pids.length > job.maxProcesses) await endAtLimit('processes');
    else if (Date.now() > deadlineAt) await endAtLimit('deadline');
    else if (printed(streams) > job.maxOutputBytes) await endAtLimit('output');
  };
  const lookForWish = async (): Promise<void> => {
    const reason = killed ?? (await wish().catch(() => null));
    if (reason === null || over.signal.aborted || killed !== null) return;
    killed = reason;
    // The whole group is asked; who does not listen is forced.
    if (child.pid !== undefined) signal(-child.pid, 'SIGTERM');
    await Promise.race([status, setTimeout(GRACE_MS)]);
    await killAll();
  };
  const loops = [every(SAMPLE_MS, sample), every(TAIL_MS, tail.tick), every(KILL_LOOK_MS, lookForWish)];
  const end = await status;
  await killAll();
  over.abort();
  await Promise.all(loops);
  if (printed(streams) > job.maxOutputBytes) limitsHit.add('output');
  const sizes = { stdoutBytes: sizeOf(streams.stdout), stderrBytes: sizeOf(streams.stderr) };
  return { ...end, killed, limitsHit: [...limitsHit], ...sizes };
};

const never = (killed: string) => ({ code: null, signal: 'SIGKILL', killed, limitsHit: [] });

const sizeOf = (path: string): number => statSync(path).size;
const printed = (streams: Streams): number => sizeOf(streams.stdout) + sizeOf(streams.stderr);

const launch = (job: JobFile, streams: Streams): ChildProcess => {
  // A shell, so that a program that cannot be started has the status that shells give it.
  const command = ['/bin/sh', '-c', 'ulimit -c 0; exec "$@"', 'slipway', job.program, ...job.args];
  const [file = '', ...args] = process.getuid?.() === 0 ? [...CHANGE_TO_AGENT, ...command] : command;
  const stdin = openSync(streams.stdin, 'r');
  const stdout = openSync(streams.stdout, 'a');
  const stderr = openSync(streams.stderr, 'a');
  try {
    return spawn(file, args, {
      cwd: PATHS.workspace,
      // Its own group and session, so that it can be signalled as a whole.
      detached: true,
      stdio: [stdin, stdout, stderr],
      env: {
        ...job.env,
        ...secretEnv(),
        ...packageEnv(job),
        HOME: PATHS.home,
        PATH: `${packagePaths(job)}${PATHS.programs}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        TMPDIR: '/tmp',
        LANG: 'C.UTF-8',
        USER: 'agent',
      },
    });
  } finally {
    for (const descriptor of [stdin, stdout, stderr]) closeSync(descriptor);
  }
};

const packageEnv = ({ packages }: JobFile): Record<string, string> => ({
  ...(packages.npm.length > 0 ? { NODE_PATH: `${PATHS.packages}/node/node_modules` } : {}),
  ...(packages.pip.length > 0 ? { PYTHONPATH: `${PATHS.packages}/python` } : {}),
});

const packagePaths = ({ packages }: JobFile): string =>
  [
    ...(packages.pip.length > 0 ? [`${PATHS.packages}/python/bin:`] : []),
    ...(packages.npm.length > 0 ? [`${PATHS.packages}/node/node_modules/.bin:`] : []),
  ].join('');

/** What Secret Manager put into the step for the program: named by the build, `SLIPWAY_SECRET_<name>`. */
const SECRET = 'SLIPWAY_SECRET_';
const secretEnv = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith(SECRET) && value !== undefined ? [[name.slice(SECRET.length), value]] : [],
    ),
  );

/** Shells tell a signal as 128 + its number, and so does the CLI. */
const decodeStatus = (status: number): Pick<EndFile, 'code' | 'signal'> => {
  const name = Object.entries(constants.signals).find(([, number]) => number === status - SIGNAL_BASE)?.[0];
  return name === undefined ? { code: status, signal: null } : { code: null, signal: name };
};

/** Reads the wish to end the program: whoever wrote it first has given the reason. */
export const wishIn = (objects: RunnerObjects, name: string) => (): Promise<string | null> => objects.get(name);
