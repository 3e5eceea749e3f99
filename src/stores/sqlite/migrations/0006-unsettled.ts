import type { Migration } from './migration.ts';

/** Finds the conversations whose turn is in progress, for whoever takes it over from a process that died. */
export const unsettled: Migration = {
  version: 6,
  name: 'unsettled',
  sql: `
    CREATE INDEX conversations_unsettled ON conversations (updated_at)
      WHERE json_extract(doc, '$.activeRunId') IS NOT NULL;
  `,
};
