import { expect, it } from 'vitest';
import { failuresIn, seedsOf } from './run-seeds.ts';

it('keeps every promise in half of the worlds', {
  timeout: 3_600_000,
}, async () => {
  expect(await failuresIn(seedsOf(0, 2))).toEqual([]);
});
