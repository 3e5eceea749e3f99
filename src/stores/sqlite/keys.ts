/** API keys. */
import { DomainError } from '../../core/errors.ts';
import type { KeyStore } from '../../ports/key-store.ts';
import { decodeApiKey } from './codec.ts';
import type { Connection } from './connection.ts';
import { write } from './transaction.ts';

/** A use is noted once a minute at most, so that a busy client does not make each request a write. */
const TOUCH_EVERY_MS = 60_000;

export const createKeyStore = (connection: Connection): KeyStore => ({
  insert: async (key) => {
    const written = connection.run(
      `INSERT INTO api_keys (id, user_id, name, hash, prefix, created_at, last_used_at, revoked_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      key.id,
      key.userId,
      key.name,
      key.hash,
      key.prefix,
      key.createdAt,
      key.lastUsedAt,
      key.revokedAt,
    );
    if (written === 0) throw new DomainError('conflict', `Key ${key.id} exists already.`);
  },
  findByHash: async (hash) => {
    const row = connection.get('SELECT * FROM api_keys WHERE hash = ? AND revoked_at IS NULL', hash);
    return row === null ? null : decodeApiKey(row);
  },
  list: async (userId) =>
    connection
      .all('SELECT * FROM api_keys WHERE user_id = ? ORDER BY created_at DESC, id DESC', userId)
      .map(decodeApiKey),
  listAll: async () => connection.all('SELECT * FROM api_keys ORDER BY created_at DESC, id DESC').map(decodeApiKey),
  revoke: async (userId, id, now) =>
    write(connection, () => {
      if (connection.get('SELECT 1 FROM api_keys WHERE id = ? AND user_id = ?', id, userId) === null) return false;
      connection.run('UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', now, id);
      return true;
    }),
  touch: async (id, now) => {
    const stale = 'id = ? AND (last_used_at IS NULL OR last_used_at <= ?)';
    if (connection.get(`SELECT 1 FROM api_keys WHERE ${stale}`, id, now - TOUCH_EVERY_MS) === null) return;
    connection.run(`UPDATE api_keys SET last_used_at = ? WHERE ${stale}`, now, id, now - TOUCH_EVERY_MS);
  },
});
