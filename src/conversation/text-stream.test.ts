import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextStream } from './text-stream.ts';

const inPieces = (json: string, sizes: readonly number[]): string => {
  const stream = createTextStream();
  let said = '';
  let at = 0;
  for (let n = 0; at < json.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    said += stream.push(json.slice(at, at + size));
    at += size;
  }
  return said;
};

describe('the text of an answer', () => {
  it('is what JSON.parse gives, however the pieces are cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.boolean(),
        (text, sizes, escaped) => {
          const json = JSON.stringify({ text, proposal: { text: 'not this' } });
          const written = escaped
            ? json.replace(/[^\u0020-\u007e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
            : json;
          expect(inPieces(written, sizes)).toBe(text);
        },
      ),
    );
  });

  it.each(['', '[]', '{"other":"x"}', '{"text":7}', '{"text":"a\\', '{"text":"a\\u00', 'x'.repeat(70_000)])(
    'of %j is never a crash',
    (odd) => {
      expect(['', 'a']).toContain(inPieces(odd, [3]));
    },
  );
});
