/** Pages of a list: where one ends is told by an opaque word, from the sort key of its last item. */
import { DomainError } from './errors.ts';

export interface PageQuery {
  readonly limit: number;
  /** The cursor that an earlier page gave; null for the first page. */
  readonly cursor: string | null;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null on the last page. */
  readonly next: string | null;
}

/** Newest first: by a number, then by a text that tells equal numbers apart. */
export interface SortKey {
  readonly at: number;
  readonly id: string;
}

/** Above every key that exists: where the first page begins, for who asks by comparison. */
export const TOP: SortKey = { at: Number.MAX_SAFE_INTEGER, id: '' };

const SEPARATOR = '.';

const encode = (list: string, { at, id }: SortKey): string => [list, at, id].join(SEPARATOR);

const decode = (list: string, cursor: string): SortKey => {
  const [name, at = '', ...id] = cursor.split(SEPARATOR);
  const number = /^\d+$/.test(at) ? Number(at) : Number.NaN;
  if (name === list && Number.isSafeInteger(number)) return { at: number, id: id.join(SEPARATOR) };
  throw new DomainError('invalid_request', 'The page is not one that an earlier answer named.', {
    hint: 'Leave `page` out for the first page, then pass on `nextPage` as it is.',
    faults: [{ pointer: 'page', message: 'is not a page of this list' }],
  });
};

/**
 * Reads one page. Throws `invalid_request` for a cursor that is none.
 *
 * @param list name of the list, of letters; a cursor of another list is refused
 * @param rows the first `limit` rows after a key; from the beginning when it is null
 */
export const readPage = async <Item>(
  list: string,
  query: PageQuery,
  rows: (after: SortKey | null, limit: number) => Promise<readonly Item[]> | readonly Item[],
  keyOf: (item: Item) => SortKey,
): Promise<Page<Item>> => {
  const after = query.cursor === null ? null : decode(list, query.cursor);
  // One more than asked for tells whether this is the last page.
  const found = await rows(after, query.limit + 1);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return { items, next: found.length > items.length && last !== undefined ? encode(list, keyOf(last)) : null };
};
