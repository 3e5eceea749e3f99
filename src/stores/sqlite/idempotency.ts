/** First answers to requests with an `Idempotency-Key`. */
import { DomainError } from '../../core/errors.ts';
import type { Instant } from '../../core/ids.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../../ports/idempotency-store.ts';
import { decodeIdempotencyRecord, encodeAnswer } from './codec.ts';
import type { Connection } from './connection.ts';

/**
 * Writes a record, inside the transaction that writes what the request created. An expired one gives way.
 * `idempotency_in_flight` when the key is taken.
 */
export const remember = (connection: Connection, record: IdempotencyRecord | null, now: Instant): void => {
  if (record === null) return;
  const { userId, key, fingerprint, expiresAt } = record;
  connection.run('DELETE FROM idempotency WHERE user_id = ? AND key = ? AND expires_at <= ?', userId, key, now);
  const written = connection.run(
    `INSERT INTO idempotency (user_id, key, fingerprint, answer, expires_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
    userId,
    key,
    fingerprint,
    encodeAnswer(record),
    expiresAt,
  );
  if (written === 1) return;
  throw new DomainError('idempotency_in_flight', 'Another request with this Idempotency-Key came first.', {
    hint: 'Nothing was created by this one. Send it again to get the answer of the first.',
    retryAfterSeconds: 1,
  });
};

export const createIdempotencyStore = (connection: Connection): IdempotencyStore => ({
  find: async (userId, key, now) => {
    const row = connection.get(
      'SELECT * FROM idempotency WHERE user_id = ? AND key = ? AND expires_at > ?',
      userId,
      key,
      now,
    );
    return row === null ? null : decodeIdempotencyRecord(row);
  },
  purge: async (now) => connection.run('DELETE FROM idempotency WHERE expires_at <= ?', now),
});
