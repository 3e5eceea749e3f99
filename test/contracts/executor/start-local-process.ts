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

export interface As {
  /** User of the host. */
  readonly user?: number;
  /** A descriptor that it is handed, as its number 30. */
  readonly handed?: number;
}

export const startLocalProcess = (task: Partial<ProcessTask> & { runsDir: string }, as: As = {}): LocalProcess => {
  const whole: ProcessTask = {
    runId: newRunId(),
    script: 'true',
    isolation: 'strict',
    timeoutSeconds: 60,
    maxOutputBytes: 1_048_576,
    programs: {},
    afterwards: 'stay',
    ...task,
  };
  const command = [process.execPath, SCRIPT, JSON.stringify(whole)];
  const { user, handed } = as;
  const change = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'];
  const [file = '', ...args] = [...change, ...command];
  // Node.js itself keeps the lowest ones from its children.
  const unused = Array.from({ length: 27 }, () => 'ignore' as const);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore', ...unused, handed ?? 'ignore'] });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
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
