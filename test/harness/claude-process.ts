/** Runs the real CLI as the harness plans it, without a sandbox: a home and a workspace of its own, the demo model. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Run } from '../../src/core/run.ts';
import { createClaudeCodeHarness } from '../../src/harnesses/claude-code/harness.ts';
import { PLACE } from '../../src/ports/executor.ts';
import type { JobPlan, Reading, Resumption, Verdict } from '../../src/ports/harness.ts';
import { ended } from './sample-run.ts';

const CLAUDE = fileURLToPath(new URL('../../node_modules/.bin/claude', import.meta.url));

export const harness = createClaudeCodeHarness();

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A started CLI. */
export interface ClaudeProcess {
  readonly pid: number;
  /** What it has printed up to now. */
  stdout(): Promise<string>;
  /** Resolves once `seen` is true of what it has printed; rejects when it ends before. */
  until(seen: (stdout: string) => boolean): Promise<void>;
  readonly end: Promise<Ending>;
}

/** A folder with a home and a workspace. */
export interface Desk {
  readonly root: string;
  readonly home: string;
  readonly workspace: string;
  remove(): Promise<void>;
}

export const openDesk = async (): Promise<Desk> => {
  const root = await mkdtemp(join(tmpdir(), 'slipway-claude-'));
  const desk = { root, home: join(root, 'home'), workspace: join(root, 'workspace') };
  await mkdir(desk.home);
  await mkdir(desk.workspace);
  // A CLI that was killed may leave a child that still writes for a moment.
  return { ...desk, remove: () => rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }) };
};

/** Folder of the desk's workspace among the CLI's sessions. */
export const projectOf = (desk: Desk): string => desk.workspace.replace(/[^a-zA-Z0-9]/g, '-');

const placeFiles = async (desk: Desk, plan: JobPlan): Promise<void> => {
  for (const file of plan.files) {
    const path = join(file.root === 'home' ? desk.home : desk.workspace, file.path).replace(
      '-workspace',
      projectOf(desk),
    );
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content);
  }
};

/** Environment of a CLI at a desk, with the model at `modelUrl`. */
export const environmentOf = (desk: Desk, modelUrl: string, plan: Pick<JobPlan, 'env'>): Record<string, string> => ({
  ...plan.env,
  HOME: desk.home,
  PATH: `${dirname(CLAUDE)}:${process.env.PATH ?? '/usr/bin:/bin'}`,
  LANG: 'C.UTF-8',
  ANTHROPIC_BASE_URL: modelUrl,
  ANTHROPIC_API_KEY: 'test-key',
});

/** Starts the CLI for a run; its output goes to files, as in every place. */
export const startClaude = async (
  desk: Desk,
  modelUrl: string,
  run: Run,
  resume: Resumption | null = null,
): Promise<ClaudeProcess> => {
  const plan = harness.plan(run, resume);
  await placeFiles(desk, plan);
  const out = join(desk.root, 'stdout');
  const err = join(desk.root, 'stderr');
  const [stdout, stderr] = [await open(out, 'a'), await open(err, 'a')];
  const args = plan.args.map((argument) =>
    argument === `--add-dir=${PLACE.workspace}`
      ? `--add-dir=${desk.workspace}`
      : argument.replace(PLACE.home, desk.home),
  );
  // A file, as in every place: what the CLI reads from a pipe it does not always read from a file.
  await writeFile(join(desk.root, 'stdin'), plan.stdin);
  const stdin = await open(join(desk.root, 'stdin'));
  const child = spawn(plan.program === 'claude' ? CLAUDE : plan.program, args, {
    cwd: desk.workspace,
    env: environmentOf(desk, modelUrl, plan),
    stdio: [stdin.fd, stdout.fd, stderr.fd],
  });
  await stdin.close();
  let over = false;
  const end = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      over = true;
      Promise.all([readFile(out, 'utf8'), readFile(err, 'utf8'), stdout.close(), stderr.close()]).then(
        ([outText, errText]) => resolve({ code, signal, stdout: outText, stderr: errText }),
        reject,
      );
    });
  });
  const read = () => readFile(out, 'utf8');
  const until = async (seen: (text: string) => boolean): Promise<void> => {
    for (;;) {
      const wasOver = over;
      const text = await read();
      if (seen(text)) return;
      if (wasOver) throw new Error(`The CLI ended before: ${text.slice(-2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { pid: child.pid ?? 0, stdout: read, until, end };
};

/** Reads a whole output, each memory through JSON, as a store would give it back. */
export const readAll = (stdout: string, stderr = ''): { seen: Reading['seen']; readings: Reading[] } => {
  let seen = harness.fresh;
  const lines = [
    ...stderr.split('\n').map((text) => ({ stream: 'stderr' as const, text })),
    ...stdout.split('\n').map((text) => ({ stream: 'stdout' as const, text })),
  ];
  const readings = lines
    .filter(({ text }) => text !== '')
    .map((line) => {
      const reading = harness.read(JSON.parse(JSON.stringify(seen)), { ...line, cutBytes: 0 });
      seen = reading.seen;
      return reading;
    });
  return { seen, readings };
};

/** What the harness makes of an ending. */
export const judge = (run: Run, ending: Ending): Verdict & { readonly readings: readonly Reading[] } => {
  const { seen, readings } = readAll(ending.stdout, ending.stderr);
  const verdict = harness.conclude(run, seen, ended({ code: ending.code, signal: ending.signal }));
  return { ...verdict, readings };
};

/** Runs the CLI to its end at a desk of its own. */
export const runClaude = async (modelUrl: string, run: Run): Promise<Ending> => {
  const desk = await openDesk();
  try {
    return await (await startClaude(desk, modelUrl, run)).end;
  } finally {
    await desk.remove();
  }
};
