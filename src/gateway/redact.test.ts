import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedaction } from './redact.ts';

const SECRET = 'sk-ant-api03-sk-ant-abc/"def';

const passed = (text: string, cuts: readonly number[]): string => {
  const bytes = Buffer.from(text);
  const stream = createRedaction([SECRET, null]).stream();
  const out: Uint8Array[] = [];
  let start = 0;
  for (const end of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    out.push(stream.push(bytes.subarray(start, end)));
    start = end;
  }
  return Buffer.concat([...out, stream.end()]).toString();
};

describe('redaction', () => {
  it('covers the secret in every spelling, however the text is cut, and keeps all else', () => {
    const spelling = fc.constantFrom(
      SECRET,
      JSON.stringify(SECRET).slice(1, -1),
      encodeURIComponent(SECRET),
      'sk-ant-api03-sk-an',
      'sk-',
      '안녕',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(spelling, fc.string())), fc.array(fc.nat()), (parts, cuts) => {
        const text = parts.join('');
        const out = passed(text, cuts);
        expect(out).not.toContain(SECRET);
        expect(out).toBe(createRedaction([SECRET]).text(text));
        expect(Buffer.byteLength(out)).toBe(Buffer.byteLength(text));
        if (!text.includes('abc')) expect(out).toBe(text);
      }),
    );
  });

  it('lets everything through at once that cannot be the beginning of a secret', () => {
    const stream = createRedaction([SECRET]).stream();
    expect(Buffer.from(stream.push(Buffer.from('data: x\n\n'))).toString()).toBe('data: x\n\n');
    expect(Buffer.from(stream.push(Buffer.from('a sk-ant'))).toString()).toBe('a ');
    expect(Buffer.from(stream.push(Buffer.from('!'))).toString()).toBe('sk-ant!');
  });

  it('looks for no secret that is as short as a word', () => {
    expect(createRedaction(['demo']).text('a demo')).toBe('a demo');
  });
});
