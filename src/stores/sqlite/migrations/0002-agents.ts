import type { Migration } from './migration.ts';

/** Agents as they are, and the revisions that went before. `due_at` is null unless the agent is active. */
export const agents: Migration = {
  version: 2,
  name: 'agents',
  sql: `
    CREATE TABLE agents (
      id TEXT NOT NULL PRIMARY KEY,
      user_id TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      due_at INTEGER,
      doc TEXT NOT NULL
    ) STRICT;
    CREATE INDEX agents_by_user ON agents (user_id, created_at, id);
    CREATE INDEX agents_due ON agents (due_at) WHERE due_at IS NOT NULL;

    CREATE TABLE agent_revisions (
      agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
      revision INTEGER NOT NULL,
      doc TEXT NOT NULL,
      PRIMARY KEY (agent_id, revision)
    ) STRICT;
  `,
};
