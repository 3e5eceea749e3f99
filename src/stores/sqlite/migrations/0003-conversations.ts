import type { Migration } from './migration.ts';

/** Conversations and their messages. */
export const conversations: Migration = {
  version: 3,
  name: 'conversations',
  sql: `
    CREATE TABLE conversations (
      id TEXT NOT NULL PRIMARY KEY,
      user_id TEXT NOT NULL,
      updated_at INTEGER NOT NULL,
      doc TEXT NOT NULL
    ) STRICT;
    CREATE INDEX conversations_by_user ON conversations (user_id, updated_at, id);

    CREATE TABLE messages (
      conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
      seq INTEGER NOT NULL,
      doc TEXT NOT NULL,
      PRIMARY KEY (conversation_id, seq)
    ) STRICT;
  `,
};
