/** The program that is the agent: its command line, its output, its session files. All of it pure. */
import type { Task } from '../core/agent.ts';
import type { Conclusion } from '../core/conclusion.ts';
import type { FieldFault } from '../core/errors.ts';
import type { Delta, EventDraft } from '../core/events.ts';
import type { Json } from '../core/json.ts';
import type { PermissionDenial, Run } from '../core/run.ts';
import type { Exit, Job } from './executor.ts';

/** One line of output, without its line break. */
export interface OutputLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  /** Bytes that were cut from its end because the line was too long; 0 when it is whole. */
  readonly cutBytes: number;
}

/** What a line said. */
export interface Reading {
  readonly seen: Json;
  readonly events: readonly EventDraft[];
  readonly deltas: readonly Delta[];
  readonly denials: readonly PermissionDenial[];
  readonly model: string | null;
}

/** What became of the run, with the events that only the end can tell. */
export interface Verdict {
  readonly conclusion: Conclusion;
  readonly events: readonly EventDraft[];
  readonly denials: readonly PermissionDenial[];
}

/** A session to go on with: the transcript that an earlier execution left. */
export interface Resumption {
  readonly transcript: Uint8Array;
}

export type JobPlan = Pick<Job, 'program' | 'args' | 'stdin' | 'env' | 'files' | 'keep'>;

export interface Harness {
  readonly name: string;
  /**
   * What of a task could only fail, or would be left out without a word: JSON Pointers into the task, empty when nothing
   * is known against it. Asked before a run is taken on.
   */
  check(task: Task): readonly FieldFault[];
  /** Path of the session transcript under the place's home, relative. */
  transcriptPath(run: Run): string;
  /** The same run and resumption always give the same plan. */
  plan(run: Run, resume: Resumption | null): JobPlan;
  /** What is remembered before the first line. JSON, so that it can be stored with the offset. */
  readonly fresh: Json;
  /** Reads one line. Never throws: a line that is not understood becomes a `log` event. */
  read(seen: Json, line: OutputLine): Reading;
  /** The honest end: `succeeded` only when exit status, result and output schema all say so. */
  conclude(run: Run, seen: Json, exit: Exit): Verdict;
}
