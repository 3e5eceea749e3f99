/** API keys. */
import { createHash } from 'node:crypto';
import { DomainError } from '../../core/errors.ts';
import type { KeyStore } from '../../ports/key-store.ts';
import { decodeApiKey, encodeApiKey } from './codec.ts';
import type { Connection } from './connection.ts';
import { write, writeNew } from './transaction.ts';

/** A use is noted once a minute at most, so that a busy client does not make each request a write. */
const TOUCH_EVERY_MS = 60_000;

const pathOf = (id: string): string => `keys/${id}`;

/** Only there so that no hash can be taken twice: Firestore knows no other uniqueness than that of names. */
const hashPath = (hash: string): string => `keyHashes/${createHash('sha256').update(hash).digest('hex')}`;

export const createKeyStore = (connection: Connection): KeyStore => ({
  insert: (key) =>
    writeNew(connection, async (again) => {
      const paths = [pathOf(key.id), hashPath(key.hash)];
      if (again && (await connection.getAll(paths)).some((stored) => stored !== null)) {
        throw new DomainError('conflict', `Key ${key.id} exists already.`);
      }
      await connection.commit([
        { kind: 'create', path: pathOf(key.id), fields: encodeApiKey(key) },
        { kind: 'create', path: hashPath(key.hash), fields: { keyId: key.id } },
      ]);
    }),
  findByHash: async (hash) => {
    const [stored] = await connection.find({ collection: 'keys', where: [['hash', '==', hash]], limit: 1 });
    const key = stored === undefined ? null : decodeApiKey(stored);
    return key === null || key.revokedAt !== null ? null : key;
  },
  list: async (userId) => {
    const found = await connection.find({
      collection: 'keys',
      where: [['userId', '==', userId]],
      orderBy: [['createdAt', 'desc']],
    });
    return found.map(decodeApiKey);
  },
  listAll: async () => {
    const found = await connection.find({ collection: 'keys', orderBy: [['createdAt', 'desc']] });
    return found.map(decodeApiKey);
  },
  revoke: (userId, id, now) =>
    write(connection, async () => {
      const stored = await connection.get(pathOf(id));
      const key = stored === null ? null : decodeApiKey(stored);
      if (stored === null || key?.userId !== userId) return false;
      if (key.revokedAt !== null) return true;
      const { path, version } = stored;
      await connection.commit([{ kind: 'update', path, fields: { revokedAt: now }, version }]);
      return true;
    }),
  touch: (id, now) =>
    write(connection, async () => {
      const stored = await connection.get(pathOf(id));
      if (stored === null) return;
      const { lastUsedAt } = decodeApiKey(stored);
      if (lastUsedAt !== null && lastUsedAt > now - TOUCH_EVERY_MS) return;
      const { path, version } = stored;
      await connection.commit([{ kind: 'update', path, fields: { lastUsedAt: now }, version }]);
    }),
});
