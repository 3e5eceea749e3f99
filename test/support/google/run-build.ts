/** Executes a build: fetches its source, runs its steps one after the other, and says how it ended. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { promisify } from 'node:util';
import type { Build, Status, Step } from './build.ts';
import { type BuildLog, type LogPace, openBuildLog } from './build-log.ts';
import type { Objects } from './objects.ts';
import { type Image, spawnStep } from './sandbox.ts';
import { unpackSource } from './unpack-source.ts';

export interface Surroundings {
  readonly dir: string;
  readonly objects: Objects;
  readonly images: Readonly<Record<string, Image>>;
  /** Set in every step, as the machine's own address of the metadata server is in reality. */
  readonly env: Readonly<Record<string, string>>;
  readonly logPace: LogPace;
  secret(versionName: string): string | null;
}

export interface RunningBuild {
  /** Ends it at once with this status; the first one counts. */
  end(status: 'CANCELLED' | 'TIMEOUT' | 'INTERNAL_ERROR', detail: string): void;
  /** Resolves when nothing of it is alive, its log is whole, and its status is known. */
  readonly done: Promise<{ readonly status: Status; readonly detail: string | null }>;
}

/** First bytes of what a step writes to `$BUILDER_OUTPUT/output`. */
const OUTPUT_BYTES = 51_200;

export const runBuild = (build: Build, around: Surroundings): RunningBuild => {
  let ended: { readonly status: Status; readonly detail: string } | null = null;
  let kill: (() => void) | null = null;
  const end: RunningBuild['end'] = (status, detail) => {
    ended ??= { status, detail };
    kill?.();
  };
  const dir = join(around.dir, build.id);
  const log = openBuildLog(build, around.objects, around.logPace);

  const runStep = async (step: Step, index: number): Promise<number | null> => {
    const image = around.images[step.image];
    if (image === undefined) {
      log.say(
        `ERROR: failed to pull because we ran out of retries.\nERROR: error pulling build step ${index} "${step.image}"`,
      );
      return null;
    }
    const env = envOf(build, step, around);
    if (env === null) {
      log.say('ERROR: failed to access secret version');
      return null;
    }
    const outputs = join(dir, `output-${index}`);
    await mkdir(outputs, { recursive: true });
    const volumes = await Promise.all(
      step.volumes.map(async ({ name, path }) => {
        const volume = join(dir, `volume-${name}`);
        await mkdir(volume, { recursive: true });
        return [path, volume] as const;
      }),
    );
    if (ended !== null) return null;
    const { child, kill: stop } = spawnStep({
      image,
      command:
        step.script === null ? [step.entrypoint ?? image.entrypoint, ...step.args] : ['/bin/bash', '-ec', step.script],
      env,
      dir: step.dir,
      mounts: {
        '/workspace': join(dir, 'workspace'),
        '/builder/home': join(dir, 'home'),
        '/builder/outputs': outputs,
        ...Object.fromEntries(volumes),
      },
    });
    kill = stop;
    if (ended !== null) stop();
    const timer = step.timeoutMs === null ? null : setTimeout(stop, step.timeoutMs);
    pass(child.stdout, 'stdout', index, log);
    pass(child.stderr, 'stderr', index, log);
    const [code] = await once(child, 'close').catch(() => [null]);
    if (timer !== null) clearTimeout(timer);
    kill = null;
    log.endStep(index);
    return typeof code === 'number' ? code : 137;
  };

  const runSteps = async (): Promise<{ readonly status: Status; readonly detail: string | null }> => {
    for (const name of ['workspace', 'home']) await mkdir(join(dir, name), { recursive: true });
    log.say(`starting build "${build.id}"\n\nFETCHSOURCE`);
    if (build.source !== null && !(await unpackSource(around.objects, build.source, join(dir, 'workspace')))) {
      return { status: 'FAILURE', detail: 'failed to fetch storage source' };
    }
    log.say('BUILD');
    for (const [index, step] of build.steps.entries()) {
      if (ended !== null) return ended;
      const state = build.stepStates[index];
      if (state === undefined) break;
      state.startedAt = Date.now();
      if (build.steps.length > 1) log.say(`Starting Step #${index}`);
      const code = await runStep(step, index);
      if (ended !== null) return ended;
      build.outputs.push(await outputOf(join(dir, `output-${index}`, 'output')));
      state.status = code === 0 ? 'SUCCESS' : 'FAILURE';
      state.exitCode = code;
      state.finishedAt = Date.now();
      if (build.steps.length > 1) log.say(`Finished Step #${index}`);
      if (code === 0 || step.allowFailure) continue;
      const detail = `build step ${index} "${step.image}" failed: step exited with non-zero status: ${code ?? 1}`;
      log.say(`ERROR\nERROR: ${detail}`);
      return { status: 'FAILURE', detail };
    }
    log.say('PUSH\nDONE');
    return { status: 'SUCCESS', detail: null };
  };

  const run = async () => {
    const timer = setTimeout(() => end('TIMEOUT', `exceeded timeout of ${build.timeoutMs / 1_000}s`), build.timeoutMs);
    const result = await runSteps().catch((error: unknown) => ({
      status: 'INTERNAL_ERROR' as const,
      detail: String(error),
    }));
    clearTimeout(timer);
    if (result.status === 'CANCELLED') log.say('CANCELLED');
    if (result.status === 'TIMEOUT') log.say('TIMEOUT\nERROR: context deadline exceeded');
    await log.close();
    // The tool, which knows trees deeper than the longest path.
    await promisify(execFile)('rm', ['-rf', '--', dir]);
    return result;
  };
  return { end, done: run() };
};

const pass = (
  source: NodeJS.ReadableStream | null,
  stream: 'stdout' | 'stderr',
  index: number,
  log: BuildLog,
): void => {
  const decoder = new StringDecoder('utf8');
  source?.on('data', (bytes: Buffer) => log.print(index, stream, decoder.write(bytes)));
};

const envOf = (build: Build, step: Step, around: Surroundings): Record<string, string> | null => {
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/builder/home',
    BUILDER_OUTPUT: '/builder/outputs',
    ...around.env,
  };
  for (const line of step.env) env[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
  for (const name of step.secretEnv) {
    const value = around.secret(build.secrets[name] ?? '');
    if (value === null) return null;
    env[name] = value;
  }
  return env;
};

const outputOf = async (path: string): Promise<string> => {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  return bytes.subarray(0, OUTPUT_BYTES).toString('base64');
};
