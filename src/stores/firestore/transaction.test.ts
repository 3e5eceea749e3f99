import { expect, it } from 'vitest';
import { ConflictError } from './failures.ts';
import { write, writeNew } from './transaction.ts';

/** Time that passes while it is slept, and the middle of all chance. */
const effects = () => {
  const naps: number[] = [];
  let now = 0;
  return {
    naps,
    clock: {
      now: () => now,
      sleep: async (ms: number) => {
        naps.push(ms);
        now += ms;
      },
    },
    random: { bytes: (count: number) => new Uint8Array(count), float: () => 0.5 },
  };
};
const conflict = (): never => {
  throw new ConflictError(new Error('written since'));
};

it('tries a write that met another one again, after pauses that grow up to a bound', async () => {
  const { naps, ...given } = effects();
  let left = 8;
  const again: boolean[] = [];
  const done = writeNew(given, async (isAgain) => {
    again.push(isAgain);
    left -= 1;
    return left > 0 ? conflict() : 'written';
  });
  expect(await done).toBe('written');
  expect(naps).toEqual([8, 16, 32, 64, 128, 256, 400]);
  expect(again).toEqual([false, ...naps.map(() => true)]);
});

it('gives up after twenty seconds, and says that nothing was written', async () => {
  const { naps, ...given } = effects();
  await expect(write(given, async () => conflict())).rejects.toMatchObject({
    code: 'store_unavailable',
    hint: expect.stringContaining('Nothing of this request was written'),
  });
  const slept = naps.reduce((sum, ms) => sum + ms, 0);
  expect([slept > 20_000, slept <= 20_400]).toEqual([true, true]);
});

it('does not try again what failed for another reason', async () => {
  const { naps, ...given } = effects();
  await expect(write(given, async () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(naps).toEqual([]);
});
