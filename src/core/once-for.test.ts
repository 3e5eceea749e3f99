import { expect, it } from 'vitest';
import { onceFor } from './once-for.ts';

it('makes it once for an object, and anew for another one that looks the same', () => {
  let made = 0;
  const number = onceFor((_key: object) => {
    made += 1;
    return made;
  });
  const key = {};
  expect([number(key), number(key), number({})]).toEqual([1, 1, 2]);
});

it('remembers nothing, too', () => {
  let made = 0;
  const nothing = onceFor((_key: object) => {
    made += 1;
    return null;
  });
  const key = {};
  expect([nothing(key), nothing(key), made]).toEqual([null, null, 1]);
});
