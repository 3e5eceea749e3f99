import { describe, expect, it } from 'vitest';
import { type Page, readPage, type SortKey } from './page.ts';

const ALL: readonly SortKey[] = [
  { at: 3, id: 'b' },
  { at: 3, id: 'a.b' },
  { at: 1, id: '' },
];

const page = (cursor: string | null, limit: number, list = 'things'): Promise<Page<SortKey>> =>
  readPage(
    list,
    { limit, cursor },
    (after, most) => {
      const from = after === null ? 0 : ALL.findIndex(({ at, id }) => at === after.at && id === after.id) + 1;
      return ALL.slice(from, from + most);
    },
    (key) => key,
  );

describe('pages', () => {
  it('follow each other without a gap, and the last one names none', async () => {
    const seen: SortKey[] = [];
    let cursor: string | null = null;
    do {
      const { items, next }: Page<SortKey> = await page(cursor, 1);
      seen.push(...items);
      cursor = next;
    } while (cursor !== null);
    expect(seen).toEqual(ALL);
  });

  it('are named by a word that needs no escapes in an address', async () => {
    const { next } = await page(null, 2);
    expect(next).toBe(encodeURIComponent(String(next)));
  });

  it('may be empty', async () => {
    expect(
      await readPage(
        'things',
        { limit: 5, cursor: null },
        () => [],
        (key: SortKey) => key,
      ),
    ).toEqual({
      items: [],
      next: null,
    });
  });

  it.each(['', 'x', 'others.3.b', 'things', 'things.', 'things.-1.b', 'things.1e3.b', 'things.99999999999999999.b'])(
    'are refused when %j is their name',
    async (cursor) => {
      await expect(page(cursor, 1)).rejects.toMatchObject({
        code: 'invalid_request',
        faults: [{ pointer: 'page', message: 'is not a page of this list' }],
      });
    },
  );
});
