/** Lists of runs, newest first. */

import { type Page, type PageQuery, readPage, type SortKey } from '../../core/page.ts';
import type { Run } from '../../core/run.ts';
import type { RunFilter } from '../../ports/run-store.ts';
import type { Connection, Select } from './connection.ts';
import { wholeRun } from './documents/whole-run.ts';

type Where = NonNullable<Select['where']>;

/** Each choice of filters has an index of its own, which ends with the order. */
const whereOf = (filter: RunFilter): Where => [
  ['userId', '==', filter.userId],
  ...(filter.agentId === undefined ? [] : ([['agentId', '==', filter.agentId]] as const)),
  ...(filter.conversationId === undefined ? [] : ([['conversationId', '==', filter.conversationId]] as const)),
  ...(filter.from === undefined ? [] : ([['createdAt', '>=', filter.from]] as const)),
  ...(filter.to === undefined ? [] : ([['createdAt', '<', filter.to]] as const)),
  ...(filter.statuses === undefined ? [] : ([['status', 'in', [...new Set(filter.statuses)]]] as const)),
];

const keyOf = (run: Run): SortKey => ({ at: run.createdAt, id: run.id });

export const listRuns = (connection: Connection, filter: RunFilter, page: PageQuery): Promise<Page<Run>> => {
  const rows = async (after: SortKey | null, limit: number): Promise<Run[]> => {
    if (filter.statuses?.length === 0) return [];
    const found = await connection.find({
      collection: 'runs',
      where: whereOf(filter),
      orderBy: [['createdAt', 'desc']],
      ...(after === null ? {} : { after: [after.at, after.id] }),
      limit,
    });
    const runs = await Promise.all(found.map((stored) => wholeRun(connection, stored)));
    return runs.filter((whole) => whole !== null).map(({ run }) => run);
  };
  return readPage('runs', page, rows, keyOf);
};
