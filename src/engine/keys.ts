/** API keys: made, listed, revoked, and known again. */
import type { ApiKey } from '../core/api-key.ts';
import { DomainError } from '../core/errors.ts';
import type { KeyId, UserId } from '../core/ids.ts';
import type { Engine } from './deps.ts';
import { newId } from './new-id.ts';

const SECRET_BYTES = 32;
const PREFIX_LENGTH = 12;
/** A use is noted at most this often, so that it costs no write with each request. */
const TOUCH_MS = 60_000;

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Makes a key. The secret is in the answer and nowhere else. */
export const createKey = async (
  engine: Engine,
  userId: UserId,
  name: string,
): Promise<{ readonly key: ApiKey; readonly secret: string }> => {
  const secret = `slw_${hex(engine.random.bytes(SECRET_BYTES))}`;
  const key: ApiKey = {
    id: newId<KeyId>(engine),
    userId,
    name,
    hash: engine.sha256(secret),
    prefix: secret.slice(0, PREFIX_LENGTH),
    createdAt: engine.clock.now(),
    lastUsedAt: null,
    revokedAt: null,
  };
  await engine.stores.keys.insert(key);
  return { key, secret };
};

/** The valid key behind a secret, or null. */
export const authenticate = async (engine: Engine, secret: string): Promise<ApiKey | null> => {
  if (!secret.startsWith('slw_')) return null;
  const key = await engine.stores.keys.findByHash(engine.sha256(secret));
  if (key === null) return null;
  const now = engine.clock.now();
  if (key.lastUsedAt === null || now - key.lastUsedAt > TOUCH_MS) await engine.stores.keys.touch(key.id, now);
  return key;
};

/** Revokes a key of any user; `not_found` when there is no such key. For whoever may do all on this installation. */
export const revokeAnyKey = async (engine: Engine, id: KeyId): Promise<ApiKey> => {
  const key = (await engine.stores.keys.listAll()).find((each) => each.id === id);
  if (key === undefined) throw new DomainError('not_found', `There is no key ${id}.`);
  await revokeKey(engine, key.userId, id);
  return key;
};

/** Revokes a user's key; `not_found` when there is no such key. */
export const revokeKey = async (engine: Engine, userId: UserId, id: KeyId): Promise<void> => {
  const known = await engine.stores.keys.revoke(userId, id, engine.clock.now());
  if (!known) throw new DomainError('not_found', `There is no key ${id}.`);
};
