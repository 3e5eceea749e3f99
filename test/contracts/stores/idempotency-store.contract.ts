/** What every IdempotencyStore must do; how records come into it stands with the stores that write them. */
import { describe, expect, it } from 'vitest';
import { queue } from '../../../src/core/transitions.ts';
import type { IdempotencyRecord } from '../../../src/ports/idempotency-store.ts';
import type { Stores } from '../../../src/ports/stores.ts';
import { ALICE, BOB, DAY, NOW, newIdempotencyRecord, newRun } from './fixtures.ts';
import { eachTest, type OpenStores } from './opened.ts';

const put = (stores: Stores, record: IdempotencyRecord) =>
  stores.runs.insert(queue(newRun({ userId: record.userId }), NOW), record);

export const describeIdempotencyStoreContract = (name: string, open: OpenStores): void => {
  describe(`${name}: idempotency store`, () => {
    const test = eachTest(open);

    it('finds a record whole, by user and key', async () => {
      const record = newIdempotencyRecord({
        key: 'a key/with "odd" parts ✓',
        answer: { status: 201, headers: { location: '/x', etag: '"1"' }, body: '{"text":"안녕\\u0000"}\r\n' },
      });
      await put(test.stores, record);
      const { idempotency } = test.stores;
      expect(await idempotency.find(ALICE, record.key, NOW)).toEqual(record);
      expect(await idempotency.find(BOB, record.key, NOW)).toBeNull();
      expect(await idempotency.find(ALICE, `${record.key} `, NOW)).toBeNull();
    });

    it('keeps apart users and keys that look alike together', async () => {
      await put(test.stores, newIdempotencyRecord({ key: 'b/c' }));
      expect(await test.stores.idempotency.find(ALICE, 'b', NOW)).toBeNull();
      expect(await test.stores.idempotency.find(ALICE, 'B/C', NOW)).toBeNull();
    });

    it('finds none that has expired', async () => {
      const record = newIdempotencyRecord({ expiresAt: NOW + DAY });
      await put(test.stores, record);
      expect(await test.stores.idempotency.find(ALICE, record.key, NOW + DAY - 1)).toEqual(record);
      expect(await test.stores.idempotency.find(ALICE, record.key, NOW + DAY)).toBeNull();
    });

    it('purges the expired ones and counts them', async () => {
      const kept = newIdempotencyRecord({ expiresAt: NOW + 2 * DAY });
      await put(test.stores, kept);
      await put(test.stores, newIdempotencyRecord({ expiresAt: NOW + DAY }));
      await put(test.stores, newIdempotencyRecord({ userId: BOB, expiresAt: NOW + DAY }));
      const { idempotency } = test.stores;
      expect(await idempotency.purge(NOW + DAY - 1)).toBe(0);
      expect(await idempotency.purge(NOW + DAY)).toBe(2);
      expect(await idempotency.purge(NOW + DAY)).toBe(0);
      expect(await idempotency.find(ALICE, kept.key, NOW + DAY)).toEqual(kept);
    });

    it('is durable', async () => {
      const record = newIdempotencyRecord();
      await put(test.stores, record);
      await test.stores.close();
      expect(await (await test.reopen()).idempotency.find(ALICE, record.key, NOW)).toEqual(record);
    });
  });
};
