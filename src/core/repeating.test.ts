import { expect, it } from 'vitest';
import { isPassingStatus, nextTryMs } from './repeating.ts';

it('repeats what may succeed later, and nothing that was refused', () => {
  expect([408, 429, 500, 503].every(isPassingStatus)).toBe(true);
  expect([200, 308, 400, 401, 403, 404, 409, 412].some(isPassingStatus)).toBe(false);
});

it('waits twice as long each time, up to eight seconds, and leaves half of it to chance', () => {
  expect([1, 2, 3, 6, 60].map((tries) => nextTryMs(tries, 0))).toEqual([200, 400, 800, 4_000, 4_000]);
  expect(nextTryMs(1, 1)).toBe(400);
});
