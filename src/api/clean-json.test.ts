import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, cleanJson, pointerOf } from './clean-json.ts';

const wellFormed = fc.jsonValue({ maxDepth: 5 }).filter((value) => !JSON.stringify(value).includes('\\u0000'));

describe('cleanJson', () => {
  it('changes nothing in a value that is clean', () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('"__proto__"'));
        expect(cleanJson(JSON.parse(text))).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it('replaces lone surrogates in texts and names, and keeps pairs', () => {
    const value = JSON.parse('{"a\\ud800":["\\udc00x","\\ud83d\\ude80"]}');
    expect(cleanJson(value)).toEqual({ ok: true, value: { 'a\ufffd': ['\ufffdx', '🚀'] } });
  });

  it('says where NUL and __proto__ are', () => {
    const value = JSON.parse('{"a/b":["x","\\u0000"],"c":{"__proto__":{}}}');
    expect(cleanJson(value)).toEqual({
      ok: false,
      faults: [
        { pointer: '/a~1b/1', message: 'must not hold the NUL character' },
        { pointer: '/c/__proto__', message: 'is not a name that a member may have' },
      ],
    });
  });

  it('takes 64 levels, and survives any number', () => {
    const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect(cleanJson(nested(64)).ok).toBe(true);
    expect(cleanJson(nested(65)).ok).toBe(false);
    expect(cleanJson(nested(500_000)).ok).toBe(false);
  });

  it('lists no more than 20 faults', () => {
    const result = cleanJson(Array.from({ length: 100 }, () => '\0'));
    expect(result.ok ? [] : result.faults).toHaveLength(20);
  });
});

describe('canonicalJson', () => {
  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        const clean = cleanJson(JSON.parse(JSON.stringify(value)));
        if (clean.ok) expect(JSON.parse(canonicalJson(clean.value))).toEqual(clean.value);
      }),
    );
  });

  it('does not depend on the order of members, but on that of lists', () => {
    expect(canonicalJson({ b: [1, { d: 2, c: 3 }], a: null })).toBe('{"a":null,"b":[1,{"c":3,"d":2}]}');
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });
});

it('pointerOf escapes as RFC 6901 has it', () => {
  expect(pointerOf(['a/b', 'm~n', 0])).toBe('/a~1b/m~0n/0');
  expect(pointerOf([])).toBe('');
});
