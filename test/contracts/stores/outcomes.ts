/** Outcomes of store calls as values, so that tests can count and compare them. */
import { isDomainError } from '../../../src/core/errors.ts';
import type { Page, PageQuery } from '../../../src/core/page.ts';

/** The code of the DomainError that a call is refused with; null when it is not refused. Other errors pass. */
export const refusal = async (call: Promise<unknown>): Promise<string | null> => {
  try {
    await call;
    return null;
  } catch (error) {
    if (isDomainError(error)) return error.code;
    throw error;
  }
};

/** How often each outcome occurred among calls made at once; `done` for those that were not refused. */
export const tally = async (calls: readonly Promise<unknown>[]): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const code of await Promise.all(calls.map(refusal))) {
    const name = code ?? 'done';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

/** All items of a list, read page by page. */
export const readAll = async <Item>(list: (page: PageQuery) => Promise<Page<Item>>, limit: number): Promise<Item[]> => {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await list({ limit, cursor });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
};

/** Cursors that no list ever gave. */
export const BAD_CURSORS = ['', 'x', '!!!', 'bnVsbA', 'W10', Buffer.from('["runs","x",1]').toString('base64url')];
