import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipJson, clipText, MAX_STRING_BYTES, MAX_VALUE_BYTES } from './clip.ts';

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('clipText', () => {
  it('leaves what fits, but for lone surrogates and NUL', () => {
    expect(clipText('a "b" 한 🚢').value).toBe('a "b" 한 🚢');
    expect(clipText('x\uD83Dy\0z')).toEqual({ value: 'x\uFFFDy\uFFFDz', lostBytes: 0, keptBytes: 9 });
  });

  it('never parts a character, and counts what it drops', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(80), (text, limit) => {
        const { value, lostBytes, keptBytes } = clipText(text, limit);
        expect(bytesOf(value) - 2).toBe(keptBytes);
        expect(keptBytes).toBeLessThanOrEqual(limit);
        expect(keptBytes + lostBytes).toBe(bytesOf(clipText(text, 10_000).value) - 2);
        expect(value.isWellFormed()).toBe(true);
        expect(clipText(text, 10_000).value.startsWith(value)).toBe(true);
      }),
    );
  });
});

describe('clipJson', () => {
  it('leaves what fits', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const plain = JSON.parse(JSON.stringify(value).replaceAll('\\u0000', ''));
        expect(clipJson(plain)).toMatchObject({ value: plain, lostBytes: 0 });
      }),
    );
  });

  it('keeps every value within its limit', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.integer({ min: 16, max: 400 }), (value, limit) => {
        const clipped = clipJson(value, limit);
        expect(bytesOf(clipped.value)).toBeLessThanOrEqual(limit + 28);
        if (clipped.lostBytes === 0) expect(bytesOf(clipped.value)).toBeGreaterThanOrEqual(bytesOf(value) - 8);
      }),
    );
  });

  it('bounds long strings, wide lists and deep nesting', () => {
    const long = clipJson({ a: 'x'.repeat(MAX_STRING_BYTES + 5), b: 1 });
    expect(long).toMatchObject({ lostBytes: 5, value: { b: 1 } });
    expect(bytesOf(clipJson(Array.from({ length: 300_000 }, () => false)).value)).toBeLessThanOrEqual(MAX_VALUE_BYTES);
    const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
    const { value, lostBytes } = clipJson(deep);
    expect(lostBytes).toBeGreaterThan(0);
    expect(bytesOf(value)).toBeLessThan(300);
  });

  it('makes no prototype out of a key', () => {
    const clipped = clipJson(JSON.parse('{"__proto__":{"polluted":true}}')).value;
    expect(JSON.stringify(clipped)).toBe('{"__proto__":{"polluted":true}}');
    expect(Object.getPrototypeOf(clipped)).toBe(Object.prototype);
  });
});
