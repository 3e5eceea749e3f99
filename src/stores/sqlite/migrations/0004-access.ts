import type { Migration } from './migration.ts';

/** Who may come in, what was answered before, and the secrets of the installation. */
export const access: Migration = {
  version: 4,
  name: 'access',
  sql: `
    CREATE TABLE api_keys (
      id TEXT NOT NULL PRIMARY KEY,
      user_id TEXT NOT NULL,
      name TEXT NOT NULL,
      hash TEXT NOT NULL UNIQUE,
      prefix TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      last_used_at INTEGER,
      revoked_at INTEGER
    ) STRICT;
    CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at, id);

    CREATE TABLE idempotency (
      user_id TEXT NOT NULL,
      key TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      answer TEXT NOT NULL,
      expires_at INTEGER NOT NULL,
      PRIMARY KEY (user_id, key)
    ) STRICT;
    CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);

    CREATE TABLE secrets (
      name TEXT NOT NULL PRIMARY KEY,
      value BLOB NOT NULL
    ) STRICT;
  `,
};
