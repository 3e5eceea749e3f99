/** A token bucket for each user, in memory: a guard against loops gone wild, not an account of what was used. */

import { DomainError } from '../core/errors.ts';
import type { Instant } from '../core/ids.ts';

interface Bucket {
  tokens: number;
  at: Instant;
}

/** Buckets kept at most; a full bucket says nothing, so those go first. */
const MAX_BUCKETS = 10_000;

/** A burst may have as many requests as this many seconds allow. */
const BURST_SECONDS = 4;

/** Takes one token of `key`'s bucket; throws `rate_limited` when it is empty. */
export type TakeToken = (key: string, now: Instant) => void;

/** Makes the buckets; `perSecond` 0 lets everything pass. */
export const createRateLimit = (perSecond: number): TakeToken => {
  if (perSecond === 0) return () => undefined;
  const burst = perSecond * BURST_SECONDS;
  const buckets = new Map<string, Bucket>();
  const filled = (bucket: Bucket, now: Instant): number =>
    Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * perSecond);

  const makeRoom = (now: Instant): void => {
    if (buckets.size < MAX_BUCKETS) return;
    for (const [key, bucket] of buckets) if (filled(bucket, now) >= burst) buckets.delete(key);
    // All of them in use: the one that was used least recently is forgotten, which is in its favour.
    const [oldest] = buckets.keys();
    if (buckets.size >= MAX_BUCKETS && oldest !== undefined) buckets.delete(oldest);
  };

  return (key, now) => {
    const known = buckets.get(key);
    if (known === undefined) makeRoom(now);
    const tokens = known === undefined ? burst : filled(known, now);
    buckets.delete(key);
    buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    if (tokens >= 1) return;
    throw new DomainError('rate_limited', `More than ${perSecond} requests a second, after a burst of ${burst}.`, {
      hint: 'Wait as long as Retry-After says. To follow a run, read its events as a stream instead of polling.',
      retryAfterSeconds: Math.max(1, Math.ceil((1 - tokens) / perSecond)),
    });
  };
};
