/**
 * A process that starts a job and says so, for tests that kill it or give it another user. Its argument is JSON; its
 * messages are lines of JSON on standard output.
 */
import { isDomainError } from '../../../src/core/errors.ts';
import type { Execution } from '../../../src/ports/executor.ts';
import { printed, shell } from './jobs.ts';
import { localOn } from './open-local.ts';

export interface ProcessTask {
  readonly runsDir: string;
  readonly runId: string;
  readonly script: string;
  readonly isolation: 'strict' | 'relaxed';
  readonly timeoutSeconds: number;
  readonly maxOutputBytes: number;
  /** Named programs: absolute paths on the host. */
  readonly programs: Readonly<Record<string, string>>;
  /** Stay until killed, or wait for the job's end and tell it. */
  readonly afterwards: 'stay' | 'report';
}

// Decoder of our own argument.
const task = JSON.parse(process.argv[2] ?? '{}') as ProcessTask;
const tell = (message: object): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

const report = async (execution: Execution): Promise<void> => {
  const { stdout, stderr } = await printed(execution);
  const exit = await execution.exit;
  const files: string[] = [];
  for await (const file of execution.files()) files.push(file.path);
  await execution.release();
  tell({ stdout: stdout.toString(), stderr: stderr.toString(), exit, files });
};

const executor = localOn(task.runsDir, { isolation: task.isolation, graceSeconds: 1, programs: task.programs });
const { timeoutSeconds, maxOutputBytes } = task;
const job = shell(task.script, { limits: { timeoutSeconds, maxOutputBytes } });
tell({ starting: true });
try {
  const execution = await executor.start({ ...job, runId: task.runId as typeof job.runId });
  tell({ ref: execution.ref });
  if (task.afterwards === 'stay') setInterval(() => undefined, 60_000);
  else await report(execution);
} catch (error) {
  if (!isDomainError(error)) throw error;
  tell({ refused: error.code, hint: error.hint });
}
