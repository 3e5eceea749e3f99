/** Jobs for programs that every place has, and what comes of them. */
import { randomBytes } from 'node:crypto';
import { uuidv7 } from '../../../src/core/ids.ts';
import { DEFAULT_LIMITS, type LimitsPatch, mergeLimits } from '../../../src/core/limits.ts';
import { OFFSET_START, type Offset } from '../../../src/core/run.ts';
import type { Execution, Executor, Exit, FileIn, FileOut, Job, Root } from '../../../src/ports/executor.ts';
import { newRunId } from '../stores/fixtures.ts';

export interface OpenExecutor {
  readonly executor: Executor;
  /** The same places, as another process sees them. */
  another(): Promise<Executor>;
  close(): Promise<void>;
}

/** Runs `script` in `/bin/sh`; `args` are its `$1` and so on. */
export const shell = (script: string, rest: Partial<Omit<Job, 'limits'>> & { limits?: LimitsPatch } = {}): Job => ({
  runId: newRunId(),
  attempt: 1,
  program: '/bin/sh',
  stdin: new Uint8Array(),
  env: {},
  files: [],
  keep: [],
  network: { allow: [] },
  socketDir: null,
  packages: [],
  source: null,
  ...rest,
  args: ['-c', script, 'script', ...(rest.args ?? [])],
  limits: mergeLimits(DEFAULT_LIMITS, rest.limits ?? {}),
});

export const fileIn = (path: string, content: string | Uint8Array, root: Root = 'workspace'): FileIn => ({
  root,
  path,
  content: typeof content === 'string' ? Buffer.from(content) : content,
});

export interface Printed {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly end: Offset;
}

/** All output from an offset on. */
export const printed = async (execution: Execution, from: Offset = OFFSET_START): Promise<Printed> => {
  const parts: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
  let end = from;
  for await (const chunk of execution.output(from)) {
    if (chunk.bytes.length === 0 || chunk.bytes.length > 65_536) throw new Error(`A chunk of ${chunk.bytes.length}.`);
    if (chunk.next[chunk.stream] !== end[chunk.stream] + chunk.bytes.length) throw new Error('A gap in the output.');
    // They are good until the next chunk is asked for.
    parts[chunk.stream].push(Uint8Array.from(chunk.bytes));
    end = chunk.next;
  }
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr), end };
};

export interface Result {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a job to its end and releases its place. */
export const run = async (executor: Executor, job: Job): Promise<Result> => {
  const execution = await executor.start(job);
  const { stdout, stderr } = await printed(execution);
  const exit = await execution.exit;
  await execution.release();
  return { exit, stdout: stdout.toString(), stderr: stderr.toString() };
};

/** Waits until the execution has printed `text` on its standard output. */
export const saidBy = async (execution: Execution, text: string): Promise<void> => {
  let said = '';
  for await (const chunk of execution.output(OFFSET_START)) {
    if (chunk.stream === 'stdout') said += Buffer.from(chunk.bytes).toString();
    if (said.includes(text)) return;
  }
  throw new Error(`The execution ended without saying ${text}: ${said}`);
};

export const bytesOf = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
};

/** What came out, by root and path. */
export const filesBy = async (execution: Execution): Promise<Map<string, FileOut>> => {
  const found = new Map<string, FileOut>();
  for await (const file of execution.files()) {
    const key = `${file.root}:${file.path}`;
    if (found.has(key)) throw new Error(`${key} came out twice.`);
    found.set(key, file);
  }
  return found;
};

export const endedWell: Exit = { code: 0, signal: null, endedBy: null, limitsHit: [], lost: false };

/** A text that no other process on this machine has in its arguments. */
export const mark = (): string => `mark-${uuidv7(Date.now(), randomBytes(10))}`;
