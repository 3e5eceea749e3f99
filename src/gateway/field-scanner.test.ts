import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFieldScanner } from './field-scanner.ts';

/** Gives `bytes` to `push` in pieces that end at `cuts`. */
const feed = (push: (bytes: Uint8Array) => void, bytes: Uint8Array, cuts: readonly number[]): void => {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    push(bytes.subarray(start, end));
    start = end;
  }
};

describe('the field scanner', () => {
  it('reads the chosen fields of any object, however its text is cut', () => {
    const key = fc.oneof(fc.constantFrom('model', 'usage', 'mo"del', 'x'), fc.string());
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.jsonValue()),
        fc.array(fc.nat()),
        fc.constantFrom(undefined, 2),
        (object, cuts, indent) => {
          const scanner = createFieldScanner({ model: 1e6, usage: 1e6 });
          feed(scanner.push, Buffer.from(JSON.stringify(object, null, indent)), cuts);
          expect(scanner.ended()).toBe(true);
          for (const name of ['model', 'usage']) {
            const text = scanner.field(name)?.text;
            expect(text === undefined || text === null ? undefined : JSON.parse(text)).toEqual(
              Object.hasOwn(object, name) ? JSON.parse(JSON.stringify(object[name])) : undefined,
            );
          }
        },
      ),
    );
  });

  it('measures a field above its cap, and does not keep it', () => {
    const scanner = createFieldScanner({ delta: 8, type: 8 });
    scanner.push(Buffer.from(`{"delta":"${'x'.repeat(100)}","type":"t"}`));
    expect(scanner.field('delta')).toEqual({ text: null, bytes: 102 });
    expect(scanner.field('type')).toEqual({ text: '"t"', bytes: 3 });
  });

  it('takes the last of two fields with one name, and reads names that are escaped', () => {
    const scanner = createFieldScanner({ model: 100 });
    scanner.push(Buffer.from('{"model":"a","nested":{"model":"b"},"mo\\u0064el":"c"}'));
    expect(scanner.field('model')?.text).toBe('"c"');
  });

  it('never throws and never reads on after what is no JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat()), (bytes, cuts) => {
        const scanner = createFieldScanner({ model: 10 });
        feed(scanner.push, bytes, cuts);
      }),
    );
    const scanner = createFieldScanner({ model: 10 });
    scanner.push(Buffer.from('<html>{"model":"a"}'));
    expect(scanner.ended()).toBe(true);
    expect(scanner.field('model')).toBeNull();
  });
});
