import type { Migration } from './migration.ts';

/**
 * Sums over runs, kept up to date with them, so that they stay when runs are purged and need no scan. Costs are whole
 * nanodollars: sums of floating-point differences would drift. What is not known counts in `unknown_costs`.
 * An absent agent or model is the empty text, so that the primary key can hold it.
 */
export const usage: Migration = {
  version: 5,
  name: 'usage',
  sql: `
    CREATE TABLE usage (
      user_id TEXT NOT NULL,
      day TEXT NOT NULL,
      agent_id TEXT NOT NULL,
      model TEXT NOT NULL,
      runs INTEGER NOT NULL,
      input_tokens INTEGER NOT NULL,
      output_tokens INTEGER NOT NULL,
      cache_read_tokens INTEGER NOT NULL,
      cache_write_tokens INTEGER NOT NULL,
      cost_nano INTEGER NOT NULL,
      unknown_costs INTEGER NOT NULL,
      PRIMARY KEY (user_id, day, agent_id, model)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX usage_by_agent ON usage (agent_id);

    INSERT INTO usage
    SELECT
      user_id,
      strftime('%Y-%m-%d', created_at / 1000, 'unixepoch'),
      coalesce(agent_id, ''),
      coalesce(doc ->> '$.model', ''),
      count(*),
      sum(doc ->> '$.tokenUsage.inputTokens'),
      sum(doc ->> '$.tokenUsage.outputTokens'),
      sum(doc ->> '$.tokenUsage.cacheReadTokens'),
      sum(doc ->> '$.tokenUsage.cacheWriteTokens'),
      sum(CAST(round(coalesce(doc ->> '$.costUsd', 0) * 1e9) AS INTEGER)),
      sum(doc ->> '$.costUsd' IS NULL)
    FROM runs
    GROUP BY 1, 2, 3, 4;
  `,
};
