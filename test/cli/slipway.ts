/** The command line as a child process, with pipes for its streams. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Going {
  readonly process: ChildProcess;
  /** Waits until standard output holds what is looked for. */
  seen(what: RegExp): Promise<void>;
  readonly ended: Promise<Ended>;
}

export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** Starts `slipway` with these arguments. */
export const start = (args: readonly string[], given: Given = {}): Going => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', PORT: '1', ...given.env },
    ...(given.cwd === undefined ? {} : { cwd: given.cwd }),
    stdio: 'pipe',
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.end(given.input ?? '');
  const closed = once(child, 'close');
  const ended = closed.then(([code]): Ended => ({ code: typeof code === 'number' ? code : null, out, err }));
  const seen = async (what: RegExp): Promise<void> => {
    const over = ended.then(() => 'over' as const);
    while (!what.test(out)) {
      const next = await Promise.race([once(child.stdout, 'data'), over]);
      if (next === 'over' && !what.test(out)) throw new Error(`It ended without ${what}: ${out} ${err}`);
    }
  };
  return { process: child, seen, ended };
};
