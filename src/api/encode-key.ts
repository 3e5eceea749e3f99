/** An API key for the wire: never its hash. */
import type { ApiKey } from '../core/api-key.ts';
import { encodeInstant } from './encode.ts';
import type { KeyView } from './key-schemas.ts';

export const encodeKey = ({ id, userId, name, prefix, createdAt, lastUsedAt, revokedAt }: ApiKey): KeyView => ({
  id,
  userId,
  name,
  prefix,
  createdAt: encodeInstant(createdAt),
  ...(lastUsedAt === null ? {} : { lastUsedAt: encodeInstant(lastUsedAt) }),
  ...(revokedAt === null ? {} : { revokedAt: encodeInstant(revokedAt) }),
});
