/** Starts a process that works on a database, and listens to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { FirestoreTask } from './firestore-process.ts';
import type { ProcessReport } from './process-work.ts';
import type { ProcessTask } from './sqlite-process.ts';

export interface StoreProcess {
  /** Lets it begin. Resolves when it has done its task; rejects when it ends before. */
  run(): Promise<readonly string[]>;
  /** Resolves once it has reported `count` or more. */
  reached(count: number): Promise<void>;
  /** The highest count that it has reported. */
  readonly count: number;
  /** Ends it as a power cut would; resolves when it is gone. */
  kill(): Promise<void>;
}

const isReport = (message: unknown): message is ProcessReport =>
  typeof message === 'object' && message !== null && 'kind' in message;

const next = async (child: ChildProcess, wanted: (report: ProcessReport) => boolean): Promise<ProcessReport> =>
  new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      if (isReport(message) && wanted(message)) resolve(message);
    };
    child.on('message', onMessage);
    child.once('exit', (code, signal) => reject(new Error(`The process ended early: ${code ?? signal}.`)));
  });

/** Resolves when the process has started and waits for its beginning. */
export const startSqliteProcess = (task: ProcessTask): Promise<StoreProcess> => start('./sqlite-process.ts', task);

/** The same for Firestore. */
export const startFirestoreProcess = (task: FirestoreTask): Promise<StoreProcess> =>
  start('./firestore-process.ts', task);

const start = async (name: string, task: object): Promise<StoreProcess> => {
  const script = new URL(name, import.meta.url);
  const child = fork(script, [JSON.stringify(task)], { execArgv: [] });
  const gone = once(child, 'exit');
  let count = 0;
  child.on('message', (message) => {
    if (isReport(message) && message.kind === 'progress') count = message.count;
  });
  await next(child, (report) => report.kind === 'ready');
  return {
    get count() {
      return count;
    },
    run: async () => {
      const done = next(child, (report) => report.kind === 'done');
      child.send('begin');
      const report = await done;
      await gone;
      return report.kind === 'done' ? report.values : [];
    },
    reached: async (wanted) => {
      const reached = next(child, (report) => report.kind === 'progress' && report.count >= wanted);
      if (child.connected) child.send('begin');
      await reached;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
};
