/** Time, as an argument: a simulation brings its own. */
import type { Instant } from '../core/ids.ts';

export interface Clock {
  now(): Instant;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness, as an argument. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** Uniform in [0, 1). */
  float(): number;
}
