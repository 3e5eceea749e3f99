import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from './split-lines.ts';

const encoder = new TextEncoder();
const split = (bytes: Uint8Array, cuts: readonly number[], max?: number) => {
  const splitter = createLineSplitter('stdout', 0, max);
  const edges = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const lines = [0, ...edges].flatMap((from, index) =>
    splitter.push(bytes.subarray(from, edges[index] ?? bytes.length)),
  );
  return { lines: [...lines, ...splitter.end()], consumed: splitter.consumed };
};

describe('splitting lines', () => {
  it('gives the same lines however the bytes were cut, UTF-8 included', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' }).map((line) => line.replace(/[\r\n]/g, ''))),
        fc.array(fc.nat()),
        (texts, cuts) => {
          const bytes = encoder.encode(texts.map((text) => `${text}\n`).join(''));
          const { lines, consumed } = split(bytes, cuts);
          expect(lines.map((line) => line.text)).toEqual(
            texts.map((text) => new TextDecoder().decode(encoder.encode(text))),
          );
          expect(consumed).toBe(bytes.length);
        },
      ),
    );
  });

  it('counts only whole lines as consumed until the stream ends', () => {
    const splitter = createLineSplitter('stdout', 10);
    expect(splitter.push(encoder.encode('ab\nhal'))).toEqual([{ stream: 'stdout', text: 'ab', cutBytes: 0 }]);
    expect(splitter.consumed).toBe(13);
    expect(splitter.end()).toEqual([{ stream: 'stdout', text: 'hal', cutBytes: 0 }]);
    expect(splitter.consumed).toBe(16);
    expect(splitter.end()).toEqual([]);
  });

  it('keeps the beginning of a line that is too long, and says what was cut', () => {
    const { lines, consumed } = split(encoder.encode(`${'x'.repeat(25)}\nok\n${'y'.repeat(12)}`), [3, 9, 30], 10);
    expect(lines).toEqual([
      { stream: 'stdout', text: 'x'.repeat(10), cutBytes: 15 },
      { stream: 'stdout', text: 'ok', cutBytes: 0 },
      { stream: 'stdout', text: 'y'.repeat(10), cutBytes: 2 },
    ]);
    expect(consumed).toBe(41);
  });

  it('takes CRLF for a line break, and keeps no buffer of the caller', () => {
    const buffer = encoder.encode('one');
    const splitter = createLineSplitter('stderr', 0);
    splitter.push(buffer);
    buffer.fill(0);
    expect(splitter.push(encoder.encode('\r\n'))).toEqual([{ stream: 'stderr', text: 'one', cutBytes: 0 }]);
  });
});
