import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCutJson } from './broken-json.ts';

describe('parseCutJson', () => {
  it.each([
    ['{"a":1,"b":"two', { a: 1, b: 'two' }],
    ['{"a":1,"b":tru', { a: 1 }],
    ['{"a":1,"bcd', { a: 1 }],
    ['{"a":1,"b":', { a: 1 }],
    ['{"a":[1,{"b":"c\\u00', { a: [1, { b: 'c' }] }],
    ['{"a":"x\\', { a: 'x' }],
    ['{"a":"\\ud83d\\ud', { a: '\ud83d' }],
    ['{"a":{"b":1},', { a: { b: 1 } }],
    ['{"a":12', {}],
    ['{', {}],
    ['', undefined],
    ['plain', undefined],
    ['{"a":1} trailing', { a: 1 }],
    ['}{', undefined],
  ])('%s', (text, value) => {
    expect(parseCutJson(text)).toEqual(value);
  });

  it('gives a part of the whole for every beginning of an object, and never throws', () => {
    const whole = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(whole, fc.nat(), (text, at) => {
        const cut = text.slice(0, at % (text.length + 1));
        const value = parseCutJson(cut);
        expect(cut === '' ? value === undefined : typeof value === 'object').toBe(true);
        if (cut === text) expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\a1') }), (text) => void parseCutJson(text)));
  });

  it('bears any depth and length', () => {
    expect(() => parseCutJson('['.repeat(100_000))).not.toThrow();
    expect(() => parseCutJson('{"a":'.repeat(100_000))).not.toThrow();
    expect(() => parseCutJson(`"${'\\'.repeat(100_001)}`)).not.toThrow();
  });
});
