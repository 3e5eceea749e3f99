/** API keys. */
import type { ApiKey } from '../core/api-key.ts';
import type { Instant, KeyId, UserId } from '../core/ids.ts';

export interface KeyStore {
  /** `conflict` when the id or the hash is known. */
  insert(key: ApiKey): Promise<void>;
  /** The key with this hash that is not revoked, or null. */
  findByHash(hash: string): Promise<ApiKey | null>;
  /** All keys of a user, newest first, the revoked ones included. */
  list(userId: UserId): Promise<ApiKey[]>;
  /** The keys of all users, newest first, the revoked ones included. */
  listAll(): Promise<ApiKey[]>;
  /** True when the user had such a key; revoking twice keeps the first instant. */
  revoke(userId: UserId, id: KeyId, now: Instant): Promise<boolean>;
  /** Notes a use; may be coarse. */
  touch(id: KeyId, now: Instant): Promise<void>;
}
