/** First answers to requests with an `Idempotency-Key`, kept so that a repetition gets the same one. */
import type { Instant, UserId } from '../core/ids.ts';

/** Written in one transaction with what the request created. */
export interface IdempotencyRecord {
  readonly userId: UserId;
  readonly key: string;
  /** Digest of method, path and body; another one under the same key is refused. */
  readonly fingerprint: string;
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly expiresAt: Instant;
}

export interface IdempotencyStore {
  /** The record under a user's key, or null when there is none or it has expired. */
  find(userId: UserId, key: string, now: Instant): Promise<IdempotencyRecord | null>;
  /** Deletes the expired ones; returns how many. */
  purge(now: Instant): Promise<number>;
}
