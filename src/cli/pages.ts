import type { Page } from '../client/client.ts';

const LARGEST_PAGE = 200;

/** Up to `limit` items of a paged list, and whether there are more. */
export const collect = async <Item>(
  read: (request: { limit: number; page?: string }) => Promise<Page<Item>>,
  limit: number,
): Promise<{ readonly items: readonly Item[]; readonly more: boolean }> => {
  const items: Item[] = [];
  let page: string | null = null;
  do {
    const size = Math.min(LARGEST_PAGE, limit - items.length);
    const answer: Page<Item> = await read(page === null ? { limit: size } : { limit: size, page });
    items.push(...answer.data);
    page = answer.nextPage;
  } while (page !== null && items.length < limit);
  return { items, more: page !== null };
};
