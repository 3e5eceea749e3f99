/** What all stores of one database must do together. */
import { describe, expect, it } from 'vitest';
import { eachTest, type OpenStores } from './opened.ts';
import { refusal } from './outcomes.ts';

export const describeStoresContract = (name: string, open: OpenStores): void => {
  describe(`${name}: stores`, () => {
    const test = eachTest(open);

    it('make a secret of 32 random bytes at its first use, the same ever after', async () => {
      const secret = await test.stores.secret('run-tokens');
      expect(secret).toBeInstanceOf(Uint8Array);
      expect(secret).toHaveLength(32);
      expect(new Set(secret).size).toBeGreaterThan(8);
      expect(await test.stores.secret('run-tokens')).toEqual(secret);
      const other = await test.reopen();
      expect(await other.secret('run-tokens')).toEqual(secret);
      expect(await other.secret('cookies')).not.toEqual(secret);
      await test.stores.close();
      await other.close();
      expect(await (await test.reopen()).secret('run-tokens')).toEqual(secret);
    });

    it('make one secret of a name, however many ask at once', async () => {
      const other = await test.reopen();
      const asked = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? test.stores : other).secret('race')),
      );
      expect(new Set(asked.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1);
    });

    it('answer a ping while they are open, and are unavailable afterwards', async () => {
      expect(await refusal(test.stores.ping())).toBeNull();
      await test.stores.close();
      await test.stores.close();
      expect(await refusal(test.stores.ping())).toBe('store_unavailable');
    });
  });
};
