/** The only way from a job to the model. */
import type { EventDraft, EventType } from '../core/events.ts';
import type { RunId } from '../core/ids.ts';
import type { MeterReading } from '../core/pricing.ts';
import type { EndReason, Run } from '../core/run.ts';

/** One run's way to the model, open while the run is live. */
export interface ModelAccess {
  /** Environment that leads the harness to it; holds a token that is good for this run alone. */
  readonly env: Readonly<Record<string, string>>;
  /** Directory on the host with the sockets; null where the way is an address. */
  readonly socketDir: string | null;
  /** Closes the way for good, its socket directory included: requests in flight are cut. Idempotent. */
  close(): Promise<void>;
}

export interface Gateway {
  /** Opens a run's way, or opens it anew after a restart: the same token and the same socket. */
  open(run: Run): Promise<ModelAccess>;
  /** Opens the ways of runs that go on though the process was killed that drove them, before anybody drives them again. */
  start(): Promise<void>;
  /**
   * Stops serving. Socket directories of open ways stay as they are: a job that goes on has its directory mounted, and
   * the next process makes its socket in that same directory.
   */
  stop(): Promise<void>;
}

/** Whom the gateway tells what it saw; each call resolves when it is durable. */
export interface Witness {
  find(id: RunId): Promise<Run | null>;
  /** An answer was metered. The run afterwards: `stop` is set when its budget is used up. */
  metered(id: RunId, reading: MeterReading): Promise<Run>;
  /** The run must end. */
  stop(id: RunId, reason: EndReason, detail: string | null): Promise<void>;
  /** The run's events of one type, oldest first; at most the first `limit`. */
  noted(id: RunId, type: EventType, limit: number): Promise<readonly EventDraft[]>;
  /** Something that the run's reader should know. */
  note(id: RunId, events: readonly EventDraft[]): Promise<void>;
}
