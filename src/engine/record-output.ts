/**
 * Takes down what an execution prints: events and the offset that they were read up to, in one commit.
 *
 * Lines are read at once and committed in batches: when `flushMs` have passed since the last commit (while nobody follows
 * the run, `idleFlushMs` since the first uncommitted event), when `BATCH_BYTES` wait, or at the end. A crash in between
 * loses nothing, since the offset stands where the last commit was.
 */
import { leaseLeftMs } from '../core/decision.ts';
import type { EventDraft } from '../core/events.ts';
import type { Json } from '../core/json.ts';
import type { Offset, PermissionDenial, Run } from '../core/run.ts';
import { andThen, type Decision, record, renew } from '../core/transitions.ts';
import type { OutputChunk } from '../ports/executor.ts';
import type { OutputLine, Reading } from '../ports/harness.ts';
import { decideDriven } from './decide-driven.ts';
import type { Drive } from './deps.ts';
import { createLineSplitter } from './split-lines.ts';

const BATCH_BYTES = 64 * 1024;
const BATCH_EVENTS = 200;
/** Lines come in bursts: after a silence, too, the first one waits so long for the others, in milliseconds. */
const GATHER_MS = 20;
/** Part of a lease below which a commit of output renews it. */
const RENEW_BELOW = 0.75;

export interface Recorder {
  /** Takes a chunk in; waits for a commit when enough has gathered. */
  take(chunk: OutputChunk): Promise<void>;
  /** Commits all that was taken in. */
  flush(): Promise<void>;
  /** No more will come: the unfinished last lines count as lines. */
  finish(): void;
  /** Commits all that was taken in and, on top of it, what is decided then: both or neither. */
  settle(decide: (run: Run) => Decision): Promise<void>;
  /** Lets go of its timers; what is not committed stays so. Idempotent. */
  close(): void;
  /** What the harness remembers by now. */
  readonly seen: Json;
  /** Rejects when a commit has failed: from then on nothing is recorded, so its run has to be let go of. */
  readonly broken: Promise<never>;
}

/** Records the output of `run`, which must be running, under its present lease. `lease_lost` comes out of every call. */
export const createRecorder = (drive: Drive, run: Run): Recorder => {
  if (run.state.status !== 'running') throw new TypeError(`Run ${run.id} is ${run.state.status}; nothing to record.`);
  const { execution } = run.state;
  const stdout = createLineSplitter('stdout', execution.offset.stdout);
  const stderr = createLineSplitter('stderr', execution.offset.stderr);
  let seen = execution.seen;
  let committed: Offset = execution.offset;
  let events: EventDraft[] = [];
  let denials: PermissionDenial[] = [];
  let model: string | null = null;
  let bytes = 0;
  let flushing: Promise<void> = Promise.resolve();
  let committedAt = Number.NEGATIVE_INFINITY;
  let timer = false;
  let early = new AbortController();
  let closed = false;
  const unsubscribe = drive.notifier.onWatched(run.id, () => early.abort());
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);

  const read = (line: OutputLine): void => {
    const reading: Reading = drive.harness.read(seen, line);
    seen = reading.seen;
    model = reading.model ?? model;
    events.push(...reading.events);
    denials.push(...reading.denials);
    bytes += line.text.length;
    for (const delta of reading.deltas) drive.notifier.delta(run.id, delta);
  };

  const commit = async (next: ((run: Run) => Decision) | null): Promise<void> => {
    const offset = { stdout: stdout.consumed, stderr: stderr.consumed };
    if (next === null && offset.stdout === committed.stdout && offset.stderr === committed.stderr) return;
    const recording = { events, offset, seen, model, denials };
    events = [];
    denials = [];
    bytes = 0;
    await decideDriven(drive, run.id, (current) => {
      const now = drive.clock.now();
      const recorded = record(current, run.leaseToken, recording, now);
      if (next !== null) return andThen(recorded, next);
      // A commit that is made anyway saves the lease keeper one of its own.
      if (leaseLeftMs(current, now) > drive.pace.leaseMs * RENEW_BELOW) return recorded;
      return andThen(recorded, (sofar) => renew(sofar, run.leaseToken, drive.pace.leaseMs, now));
    });
    committed = offset;
    committedAt = drive.clock.now();
    if (next !== null || recording.events.length > 0) drive.notifier.changed(run.id);
  };

  const flush = (next: ((run: Run) => Decision) | null = null): Promise<void> => {
    // One commit at a time; after one that failed, none: its events would be missing below the next offset.
    flushing = flushing.then(() => commit(next));
    flushing.catch(broken.reject);
    return flushing;
  };

  const flushSoon = (): void => {
    if (timer || closed || events.length === 0) return;
    timer = true;
    early = new AbortController();
    const { flushMs, idleFlushMs } = drive.pace;
    const dueMs = Math.min(flushMs, Math.max(GATHER_MS, committedAt + flushMs - drive.clock.now()));
    const waitMs = drive.notifier.watched(run.id) ? dueMs : idleFlushMs;
    const later = async (): Promise<void> => {
      await drive.clock.sleep(waitMs, early.signal);
      timer = false;
      if (!closed) await flush();
    };
    // Whoever calls next gets the failure from `flushing`.
    later().catch(() => undefined);
  };

  return {
    take: async (chunk) => {
      const splitter = chunk.stream === 'stdout' ? stdout : stderr;
      for (const line of splitter.push(chunk.bytes)) read(line);
      if (bytes >= BATCH_BYTES || events.length >= BATCH_EVENTS) await flush();
      else flushSoon();
    },
    flush: () => flush(),
    settle: flush,
    broken: broken.promise,
    close: () => {
      closed = true;
      unsubscribe();
      early.abort();
    },
    finish: () => {
      for (const line of [...stdout.end(), ...stderr.end()]) read(line);
      flushSoon();
    },
    get seen() {
      return seen;
    },
  };
};
