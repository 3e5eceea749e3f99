/** Starts `local-process.ts` and listens to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { newRunId } from '../stores/fixtures.ts';
import type { ProcessTask } from './local-process.ts';

export interface LocalProcess {
  readonly runId: string;
  /** The next message; rejects when it ends without one. */
  next(): Promise<Record<string, unknown>>;
  /** Ends it as a power cut would; resolves when it is gone. */
  kill(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('./local-process.ts', import.meta.url));

/** `as` runs it as that user of the host. */
export const startLocalProcess = (task: Partial<ProcessTask> & { runsDir: string }, as?: number): LocalProcess => {
  const whole: ProcessTask = {
    runId: newRunId(),
    script: 'true',
    isolation: 'strict',
    timeoutSeconds: 60,
    maxOutputBytes: 1_048_576,
    then: 'stay',
    ...task,
  };
  const command = [process.execPath, SCRIPT, JSON.stringify(whole)];
  const change = as === undefined ? [] : ['setpriv', `--reuid=${as}`, `--regid=${as}`, '--clear-groups', '--'];
  const [file = '', ...args] = [...change, ...command];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    runId: whole.runId,
    next: async () => {
      const line = await lines.next();
      if (line.done === true) throw new Error('The process ended without a word.');
      return JSON.parse(line.value) as Record<string, unknown>;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
};
