import { describe, expect, it } from 'vitest';
import { shorten } from './shorten.ts';

describe('shorten', () => {
  it.each([
    ['', 3, ''],
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['🚢🚢🚢', 3, '🚢🚢🚢'],
    ['🚢🚢🚢🚢', 3, '🚢🚢…'],
    ['a🚢🚢🚢🚢🚢', 3, 'a🚢…'],
  ])('%j in %i', (text, most, expected) => {
    expect(shorten(text, most)).toBe(expected);
  });
});
