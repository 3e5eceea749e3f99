/** What every KeyStore must do. */
import { describe, expect, it } from 'vitest';
import { BOB, HOUR, NOW, newApiKey, newKeyId } from './fixtures.ts';
import { eachTest, type OpenStores } from './opened.ts';
import { refusal } from './outcomes.ts';

export const describeKeyStoreContract = (name: string, open: OpenStores): void => {
  describe(`${name}: key store`, () => {
    const test = eachTest(open);

    it('finds a key by its hash alone', async () => {
      const { keys } = test.stores;
      const key = newApiKey({ name: 'CI "main" ✓' });
      await keys.insert(key);
      expect(await keys.findByHash(key.hash)).toEqual(key);
      expect(await keys.findByHash(newApiKey().hash)).toBeNull();
      expect(await keys.findByHash(key.prefix)).toBeNull();
      expect(await keys.findByHash('')).toBeNull();
    });

    it('refuses an id or a hash that is known', async () => {
      const { keys } = test.stores;
      const key = newApiKey();
      await keys.insert(key);
      expect(await refusal(keys.insert(newApiKey({ id: key.id, userId: BOB })))).toBe('conflict');
      expect(await refusal(keys.insert(newApiKey({ hash: key.hash, userId: BOB })))).toBe('conflict');
      expect(await keys.findByHash(key.hash)).toEqual(key);
      expect(await keys.list(BOB)).toEqual([]);
    });

    it("lists a user's keys, newest first, the revoked ones included", async () => {
      const { keys } = test.stores;
      const older = newApiKey({ createdAt: NOW });
      const newer = newApiKey({ createdAt: NOW + 1 });
      for (const key of [older, newer, newApiKey({ userId: BOB })]) await keys.insert(key);
      await keys.revoke(older.userId, older.id, NOW + 2);
      expect(await keys.list(older.userId)).toEqual([newer, { ...older, revokedAt: NOW + 2 }]);
    });

    it('lists the keys of all users, newest first', async () => {
      const { keys } = test.stores;
      const older = newApiKey({ createdAt: NOW, userId: BOB });
      const newer = newApiKey({ createdAt: NOW + 1 });
      for (const key of [older, newer]) await keys.insert(key);
      await keys.revoke(BOB, older.id, NOW + 2);
      const ids = [older.id, newer.id];
      const all = (await keys.listAll()).filter(({ id }) => ids.includes(id));
      expect(all).toEqual([newer, { ...older, revokedAt: NOW + 2 }]);
    });

    it('finds a revoked key no more, and keeps the first instant', async () => {
      const { keys } = test.stores;
      const key = newApiKey();
      await keys.insert(key);
      expect(await keys.revoke(key.userId, key.id, NOW + 1)).toBe(true);
      expect(await keys.findByHash(key.hash)).toBeNull();
      expect(await keys.revoke(key.userId, key.id, NOW + 2)).toBe(true);
      expect((await keys.list(key.userId))[0]?.revokedAt).toBe(NOW + 1);
      expect(await refusal(keys.insert(newApiKey({ hash: key.hash })))).toBe('conflict');
    });

    it("revokes no other user's key, and none that is not there", async () => {
      const { keys } = test.stores;
      const key = newApiKey();
      await keys.insert(key);
      expect(await keys.revoke(BOB, key.id, NOW)).toBe(false);
      expect(await keys.revoke(key.userId, newKeyId(), NOW)).toBe(false);
      expect(await keys.findByHash(key.hash)).toEqual(key);
    });

    it('notes a use, give or take an hour', async () => {
      const { keys } = test.stores;
      const key = newApiKey();
      await keys.insert(key);
      await keys.touch(key.id, NOW + 5);
      expect((await keys.findByHash(key.hash))?.lastUsedAt).toBe(NOW + 5);
      await keys.touch(key.id, NOW + 6);
      await keys.touch(key.id, NOW + 2 * HOUR);
      expect((await keys.findByHash(key.hash))?.lastUsedAt).toBe(NOW + 2 * HOUR);
      await keys.touch(key.id, NOW);
      expect((await keys.findByHash(key.hash))?.lastUsedAt).toBe(NOW + 2 * HOUR);
      expect(await refusal(keys.touch(newKeyId(), NOW))).toBeNull();
    });

    it('is durable', async () => {
      const key = newApiKey();
      await test.stores.keys.insert(key);
      await test.stores.keys.revoke(key.userId, key.id, NOW);
      await test.stores.close();
      const { keys } = await test.reopen();
      expect(await keys.list(key.userId)).toEqual([{ ...key, revokedAt: NOW }]);
    });
  });
};
