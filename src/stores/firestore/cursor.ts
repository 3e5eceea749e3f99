/** Where a page ends, as an opaque word: the sort key of its last item. */
import { DomainError } from '../../core/errors.ts';
import type { Page, PageQuery } from '../../ports/page.ts';

/** Newest first: by a number, then by a text that tells equal numbers apart. */
export interface SortKey {
  readonly at: number;
  readonly id: string;
}

const encode = (list: string, key: SortKey): string =>
  Buffer.from(JSON.stringify([list, key.at, key.id])).toString('base64url');

const parse = (text: string): unknown => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return null;
  }
};

const decode = (list: string, text: string): SortKey => {
  const parts = parse(text);
  if (Array.isArray(parts) && parts.length === 3 && parts[0] === list) {
    const [, at, id] = parts;
    if (Number.isSafeInteger(at) && typeof id === 'string') return { at, id };
  }
  throw new DomainError('invalid_request', 'The page is not one that an earlier answer named.', {
    hint: 'Leave `page` out for the first page, then pass on `nextPage` as it is.',
    faults: [{ pointer: 'page', message: 'is not a page of this list' }],
  });
};

/**
 * Reads one page.
 * @param list name of the list; a cursor of another list is refused
 * @param rows the first `limit` rows after a key; from the beginning when it is null
 */
export const readPage = async <Item>(
  list: string,
  query: PageQuery,
  rows: (after: SortKey | null, limit: number) => Promise<Item[]>,
  keyOf: (item: Item) => SortKey,
): Promise<Page<Item>> => {
  const after = query.cursor === null ? null : decode(list, query.cursor);
  // One more than asked for tells whether this is the last page.
  const found = await rows(after, query.limit + 1);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return { items, next: found.length > items.length && last !== undefined ? encode(list, keyOf(last)) : null };
};
