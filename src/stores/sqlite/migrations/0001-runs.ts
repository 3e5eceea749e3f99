import type { Migration } from './migration.ts';

/**
 * Runs, their tasks and events. A task can be as long as 512 KiB and never changes, so it has a table of its own: a
 * heartbeat must not write it again.
 *
 * Lists are read status by status and merged, so each of the three list indexes serves a list with and without a
 * choice of statuses.
 */
export const runs: Migration = {
  version: 1,
  name: 'runs',
  sql: `
    CREATE TABLE runs (
      id TEXT NOT NULL PRIMARY KEY,
      user_id TEXT NOT NULL,
      agent_id TEXT,
      conversation_id TEXT,
      created_at INTEGER NOT NULL,
      last_seq INTEGER NOT NULL,
      status TEXT NOT NULL,
      live INTEGER NOT NULL,
      claim_at INTEGER,
      ended_at INTEGER,
      doc TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_user ON runs (user_id, status, created_at, id);
    CREATE INDEX runs_by_agent ON runs (user_id, agent_id, status, created_at, id) WHERE agent_id IS NOT NULL;
    CREATE INDEX runs_by_conversation ON runs (user_id, conversation_id, status, created_at, id)
      WHERE conversation_id IS NOT NULL;
    CREATE INDEX runs_open ON runs (user_id, created_at, id, claim_at) WHERE claim_at IS NOT NULL;
    CREATE INDEX runs_live ON runs (user_id) WHERE live = 1;
    CREATE INDEX runs_ended ON runs (ended_at) WHERE ended_at IS NOT NULL;

    CREATE TABLE tasks (
      run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
      task TEXT NOT NULL
    ) STRICT;

    CREATE TABLE events (
      run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      seq INTEGER NOT NULL,
      at INTEGER NOT NULL,
      type TEXT NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (run_id, seq)
    ) STRICT;
  `,
};
