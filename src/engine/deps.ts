/** What the use cases need, passed as their first argument. */
import type { Schedule, Task } from '../core/agent.ts';
import type { FieldFault } from '../core/errors.ts';
import type { Instant } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import type { ArtifactStore } from '../ports/artifact-store.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { Executor } from '../ports/executor.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Harness } from '../ports/harness.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { Stores } from '../ports/stores.ts';
import type { HeldReadings } from './held-readings.ts';

export interface Engine {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly random: Random;
  readonly notifier: Notifier;
  readonly artifacts: ArtifactStore;
  readonly logger: Logger;
  /** Name of the executor that new runs are meant for. */
  readonly executorName: string;
  /** Name of the executor that a turn of a conversation is meant for. */
  readonly turnPlace: () => Promise<string>;
  /** First firing after an instant, or null when there is none; `invalid_request` for a bad cron line or time zone. */
  readonly nextFiring: (schedule: Schedule, after: Instant) => Instant | null;
  /** What of a task could only fail, with JSON Pointers into it; empty when nothing is known against it. */
  readonly checkTask: (task: Task) => readonly FieldFault[];
  /** SHA-256, hex. */
  readonly sha256: (text: string) => string;
}

/** Where runs execute, with the way from there to the model. */
export interface Site {
  readonly executor: Executor;
  readonly gateway: Gateway;
}

/** What driving runs needs besides. */
export interface Drive extends Engine, Site {
  /** A second site: runs that name its executor execute there. Null = none. */
  readonly beside: Site | null;
  readonly harness: Harness;
  readonly metrics: Metrics;
  /** Told of each run that is over; at least once, unless the process dies. */
  readonly concluded: (run: Run) => Promise<void>;
  /** Unified diff of one file's two texts; null stands for bytes that are no text. */
  readonly diff: (path: string, before: string | null, after: string | null) => string;
  /** Name of this process, for leases. */
  readonly holder: string;
  readonly pace: Pace;
  /** Where meter readings wait for a commit that is made anyway; null where each is written at once. */
  readonly held: HeldReadings | null;
}

/** How fast things are done, in milliseconds. */
export interface Pace {
  /** How long a lease is good for; it is renewed when half of it is over, or earlier with a commit that is made anyway. */
  readonly leaseMs: number;
  /** How far commits of events are apart while somebody follows the run. */
  readonly flushMs: number;
  /** How long events may wait for others to be committed with while nobody does. */
  readonly idleFlushMs: number;
  /** How often a worker looks without having been told. */
  readonly pollMs: number;
  /** How often who drives a run looks for a wish that another process has written down. */
  readonly lookMs: number;
}

/** For a database on this machine: everything is written at once. */
export const DEFAULT_PACE: Pace = { leaseMs: 10_000, flushMs: 20, idleFlushMs: 20, pollMs: 1_000, lookMs: 1_000 };

/** For a database that charges for each write and takes about one a second to the same record. */
export const FRUGAL_PACE: Pace = {
  leaseMs: 60_000,
  flushMs: 1_000,
  idleFlushMs: 20_000,
  pollMs: 2_000,
  lookMs: 3_000,
};
