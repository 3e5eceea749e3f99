/** A key to the HTTP API. The secret itself is shown once and kept only as a hash. */
import type { Instant, KeyId, UserId } from './ids.ts';

export interface ApiKey {
  readonly id: KeyId;
  readonly userId: UserId;
  readonly name: string;
  /** SHA-256 of the secret, hex. The secret has 256 random bits, so a slow hash would add nothing. */
  readonly hash: string;
  /** The first characters of the secret, to tell keys apart. */
  readonly prefix: string;
  readonly createdAt: Instant;
  readonly lastUsedAt: Instant | null;
  readonly revokedAt: Instant | null;
}
