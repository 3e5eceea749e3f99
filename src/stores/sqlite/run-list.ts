/** Lists of runs, newest first. */
import { type Page, type PageQuery, readPage, type SortKey, TOP } from '../../core/page.ts';
import { RUN_STATUSES, type Run } from '../../core/run.ts';
import type { RunFilter } from '../../ports/run-store.ts';
import { decodeRun } from './codec.ts';
import type { Connection } from './connection.ts';

/** Number of the parameter that holds the first status; the others follow. */
const FIRST_STATUS = 7;

/**
 * Each status is read for itself, newest first, and the few rows of each are merged: the indexes begin with the user
 * and the status, so that a page costs the same whatever is chosen and however many runs there are.
 */
const sqlFor = (filter: RunFilter, statuses: number): string => {
  const owner = [
    'user_id = ?1',
    ...(filter.agentId === undefined ? [] : ['agent_id = ?5']),
    ...(filter.conversationId === undefined ? [] : ['conversation_id = ?6']),
  ].join(' AND ');
  const from = filter.from === undefined ? '' : ` AND created_at >= ?${FIRST_STATUS + statuses}`;
  const parts = Array.from(
    { length: statuses },
    (_, index) => `SELECT * FROM (
      SELECT id, created_at FROM runs WHERE ${owner} AND status = ?${FIRST_STATUS + index} AND (created_at, id) < (?2, ?3)${from}
      ORDER BY created_at DESC, id DESC LIMIT ?4)`,
  );
  return `
    SELECT runs.*, tasks.task FROM (
      ${parts.join(' UNION ALL ')} ORDER BY created_at DESC, id DESC LIMIT ?4
    ) AS found JOIN runs ON runs.id = found.id JOIN tasks ON tasks.run_id = found.id
    ORDER BY found.created_at DESC, found.id DESC`;
};

const keyOf = (run: Run): SortKey => ({ at: run.createdAt, id: run.id });

export const listRuns = (connection: Connection, filter: RunFilter, page: PageQuery): Promise<Page<Run>> => {
  const statuses = [...new Set(filter.statuses ?? RUN_STATUSES)];
  const rows = (key: SortKey | null, limit: number): Run[] => {
    if (statuses.length === 0) return [];
    const after = key ?? TOP;
    const from = filter.from === undefined ? [] : [filter.from];
    const { userId, agentId = null, conversationId = null, to = after.at } = filter;
    // Before `to` is the same as behind its first key: no id is smaller than the empty one.
    const start = to < after.at ? { at: to, id: '' } : after;
    return connection
      .all(
        sqlFor(filter, statuses.length),
        userId,
        start.at,
        start.id,
        limit,
        agentId,
        conversationId,
        ...statuses,
        ...from,
      )
      .map(decodeRun);
  };
  return readPage('runs', page, rows, keyOf);
};
