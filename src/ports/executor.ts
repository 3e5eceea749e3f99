/**
 * Where a run executes. A place is a process somewhere: its output is an append-only log read by offset, its end
 * can be observed, and any process that knows its `ref` can find it again.
 */
import type { Source } from '../core/agent.ts';
import type { EventDraft } from '../core/events.ts';
import type { RunId } from '../core/ids.ts';
import type { Limits } from '../core/limits.ts';
import type { EndReason, LimitHit, Offset } from '../core/run.ts';

/** Where things are inside every place, the same everywhere, since the CLI's sessions are bound to their directory. */
export const PLACE = {
  workspace: '/workspace',
  home: '/home/agent',
  /** Directory with the Unix sockets that lead to the gateway and to the egress proxy. */
  sockets: '/run/slipway',
  /** Name of the egress proxy's socket in there; only where the job may reach hosts. */
  egressSocket: 'egress.sock',
} as const;

export type Root = 'workspace' | 'home';

/** A file that goes into the place before the program starts. */
export interface FileIn {
  readonly root: Root;
  /** Relative to the root, with `/`; no `..`, no empty part, no NUL. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** What a harness hands an executor. */
export interface Job {
  readonly runId: RunId;
  /** Start number; with `runId` it is what makes `start` idempotent. */
  readonly attempt: number;
  /** Name of a program that the executor knows how to provide, or an absolute path inside the place. */
  readonly program: string;
  readonly args: readonly string[];
  /** Given to the program byte for byte on standard input. */
  readonly stdin: Uint8Array;
  /**
   * The whole environment but for HOME, PATH, TMPDIR, LANG and USER, which the executor sets, and what leads programs
   * to the egress proxy where hosts may be reached.
   */
  readonly env: Readonly<Record<string, string>>;
  readonly files: readonly FileIn[];
  /** Files under `home` that come out although they are no artifacts, such as the session transcript; relative. */
  readonly keep: readonly string[];
  readonly limits: Limits;
  /** Hosts that may be reached, by the egress proxy's socket in `socketDir`; empty = no network at all. */
  readonly network: { readonly allow: readonly string[] };
  /** Directory on the host to be seen at `PLACE.sockets`; null where the place reaches the gateway otherwise. */
  readonly socketDir: string | null;
  /** Packages that the program finds installed, as `api/fields.ts` has them: `pandas==2.2.2`, `npm:left-pad@1.3.0`. */
  readonly packages: readonly string[];
  /** Repository that the workspace begins with; null = an empty workspace. */
  readonly source: Source | null;
}

/** Who waits for a start whose place has to be prepared: packages installed, a repository fetched. */
export interface StartWatch {
  /**
   * Ends a preparation that is under way: within 5 seconds nothing of it is alive, but for an installation that another
   * start waits for, too. A job that was started already is found all the same.
   */
  readonly signal: AbortSignal;
  /** Adds an event to the run's log; never rejects. */
  note(event: EventDraft): Promise<void>;
  /**
   * Asked when all is prepared, right before the program is started. Rejects when the job is not the caller's to start
   * any more: a preparation takes minutes, and whoever was stopped in it may have been overtaken. The start ends with it.
   */
  confirm(): Promise<void>;
}

/** How an execution ended. */
export interface Exit {
  /** Exit status; null when a signal ended it, or when it is lost. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The reason of the first `kill` that found it alive; null when it ended by itself. */
  readonly endedBy: EndReason | null;
  readonly limitsHit: readonly LimitHit[];
  /** The place is gone, and nobody knows how it ended. The other fields say nothing then. */
  readonly lost: boolean;
}

export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  /** Good until the next chunk is asked for: the buffer may be used again. */
  readonly bytes: Uint8Array;
  /** Where to go on after this chunk. */
  readonly next: Offset;
}

/** Stands for a content at the beginning that was too large to be kept: bytes that are no text. */
export const NOT_KEPT: Uint8Array = Uint8Array.of(0);

/** A file of the place, after the end. */
export interface FileOut {
  readonly root: Root;
  /** Relative to the root, with `/`; may hold any character but NUL. */
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted';
  /** Symbolic links are reported and never followed; devices, sockets and FIFOs are left out. */
  readonly kind: 'file' | 'symlink';
  /** Bytes; 0 when deleted. */
  readonly size: number;
  readonly executable: boolean;
  /** Where a symbolic link points, as written. */
  readonly target: string | null;
  /** The content, streamed; empty for links and deleted files. */
  content(): AsyncIterable<Uint8Array>;
  /** The content that the place started with, or `NOT_KEPT`; null when there was none. */
  before(): Promise<Uint8Array | null>;
}

/** One started job. */
export interface Execution {
  /** Durable name of the place: any process can `attach` by it. */
  readonly ref: string;
  /** Bytes from `from` on, then as they come; ends when the execution has ended and all was delivered. */
  output(from: Offset): AsyncIterable<OutputChunk>;
  /** Never rejects. Resolves when nothing of the execution is alive. */
  readonly exit: Promise<Exit>;
  /** Ends the whole process tree; resolves when all is dead. The first reason stays; harmless after the end. */
  kill(reason: EndReason): Promise<void>;
  /** After the end: files of the workspace that changed since the start, a repository's `.git` left out, then the kept files of `home` that exist. Repeatable. */
  files(): AsyncIterable<FileOut>;
  /** Removes every trace of the place. Idempotent; `attach` gives null from then on. */
  release(): Promise<void>;
}

/** One thing that an executor needs, tried. */
export interface Finding {
  readonly part: string;
  readonly status: 'ok' | 'degraded' | 'missing';
  readonly detail: string;
  /** The command that mends it; null when nothing has to be mended. */
  readonly mend: string | null;
  /** Why it matters, where something is wrong. */
  readonly matters?: string;
  /** What works all the same. */
  readonly without?: string;
}

export interface Readiness {
  /** False when a job would be refused. */
  readonly ready: boolean;
  readonly findings: readonly Finding[];
}

export interface Executor {
  readonly name: string;
  readonly traits: {
    /** `network.allow` is enforced by host. */
    readonly enforcesEgress: boolean;
    /** A start may take minutes, also when nothing has to be prepared: somebody else's machine has to become free. */
    readonly startsSlowly: boolean;
  };
  /** Tries each part at each call: can it run here, and what mends it. That costs something: whoever asks often keeps the answer. */
  check(): Promise<Readiness>;
  /**
   * Starts a job, or finds the one that an earlier call with the same run and attempt started.
   * `conflict` when it has a place of a later attempt of the run: whoever asks was overtaken while it was stopped.
   * `isolation_unavailable` when a part of the isolation is missing; `place_unavailable` when it may work later;
   * `place_failed` when it never will.
   *
   * What the job needs is there before its program starts, whole: an installation or a fetch that failed, or that a
   * process left half done, is never used. `packages_failed` and `source_failed` carry the tool's own message;
   * `start_aborted` when the watch's signal came first. In all three nothing of the job was executed. Without `watch`,
   * nobody is told and nothing ends it early.
   */
  start(job: Job, watch?: StartWatch): Promise<Execution>;
  /** The execution behind `ref`, or null when its place is gone. */
  attach(ref: string): Promise<Execution | null>;
  /**
   * Releases places that a process left behind when it died between a run's end and its `release`. Asks `isOver` for
   * each place found and touches no other. Returns how many it released.
   */
  sweep(isOver: (runId: RunId) => Promise<boolean>): Promise<number>;
}
