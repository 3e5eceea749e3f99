/** First answers to requests with an `Idempotency-Key`. */
import { createHash } from 'node:crypto';
import { Timestamp } from '@google-cloud/firestore';
import { DomainError } from '../../core/errors.ts';
import type { Instant, UserId } from '../../core/ids.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../../ports/idempotency-store.ts';
import { decodeIdempotencyRecord, number } from './codec.ts';
import type { Change, Connection, Stored } from './connection.ts';
import { dropPieces, type LaidOut, layOut, readText, TornReadError } from './documents/long-text.ts';
import { removeTree } from './documents/remove-tree.ts';
import { ConflictError } from './failures.ts';

const PURGED_AT_ONCE = 300;

/** A user and a key can be any text, and no two pairs may look alike: a document's name is their digest. */
const pathOf = (userId: UserId, key: string): string =>
  `idempotency/${createHash('sha256')
    .update(JSON.stringify([userId, key]))
    .digest('hex')}`;

const expiresAt = (stored: Stored): Instant => number(stored.fields, 'expiresAt');

/**
 * The changes that write a record, for the commit that writes what the request created, and those that come before.
 * They are refused when the key is taken; a `replaced` one, which has expired, gives way.
 */
export const remember = (
  record: IdempotencyRecord | null,
  replaced: Stored | null,
): { readonly changes: Change[]; readonly pieces: LaidOut['pieces'] } => {
  if (record === null) return { changes: [], pieces: [] };
  const path = pathOf(record.userId, record.key);
  const { field, pieces } = layOut(path, JSON.stringify(record));
  // Firestore deletes by `expireAt` up to a day late: whoever reads looks at `expiresAt`.
  const fields = { doc: field, expiresAt: record.expiresAt, expireAt: Timestamp.fromMillis(record.expiresAt) };
  if (replaced === null) return { changes: [{ kind: 'create', path, fields }], pieces };
  const { version } = replaced;
  return {
    changes: [{ kind: 'update', path, fields, version }, ...dropPieces(path, replaced.fields.doc, field)],
    pieces,
  };
};

/** The expired record that is in the way, or null; `idempotency_in_flight` when the key is taken. */
export const requireUntaken = async (
  connection: Connection,
  record: IdempotencyRecord | null,
  now: Instant,
): Promise<Stored | null> => {
  if (record === null) return null;
  const present = await connection.get(pathOf(record.userId, record.key));
  if (present === null || expiresAt(present) <= now) return present;
  throw new DomainError('idempotency_in_flight', 'Another request with this Idempotency-Key came first.', {
    hint: 'Nothing was created by this one. Send it again to get the answer of the first.',
    retryAfterSeconds: 1,
  });
};

export const createIdempotencyStore = (connection: Connection): IdempotencyStore => ({
  find: async (userId, key, now) => {
    const stored = await connection.get(pathOf(userId, key));
    if (stored === null || expiresAt(stored) <= now) return null;
    try {
      return decodeIdempotencyRecord(await readText(connection, stored.path, stored.fields, 'doc'));
    } catch (error) {
      // Its pieces go when it has expired.
      if (error instanceof TornReadError) return null;
      throw error;
    }
  },
  purge: async (now) => {
    let purged = 0;
    for (;;) {
      const expired = await connection.find({
        collection: 'idempotency',
        where: [['expiresAt', '<=', now]],
        orderBy: [['expiresAt', 'asc']],
        limit: PURGED_AT_ONCE,
      });
      for (const stored of expired) purged += await remove(connection, stored);
      if (expired.length < PURGED_AT_ONCE) return purged;
    }
  },
});

const remove = async (connection: Connection, stored: Stored): Promise<number> => {
  try {
    if (typeof stored.fields.doc === 'string') {
      await connection.commit([{ kind: 'delete', path: stored.path, version: stored.version }]);
    } else await removeTree(connection, stored, ['pieces']);
    return 1;
  } catch (error) {
    // Another process was faster, or the key is in use again.
    if (error instanceof ConflictError) return 0;
    throw error;
  }
};
