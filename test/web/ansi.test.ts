import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnsi } from '../../web/src/lib/ansi.ts';

const textOf = (raw: string): string =>
  parseAnsi(raw)
    .map(({ text }) => text)
    .join('');

/** Pieces that terminals obey, cut and mixed at will. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        '\u001b[',
        '\u001b]',
        '\u009b',
        '\u0007',
        '\u001b\\',
        '31m',
        ';',
        '8;;http://x',
        '\u001bP',
        '\u202e',
        '\r',
        '\n',
      ),
    ),
  )
  .map((parts) => parts.join(''));

describe('terminal output', () => {
  it('never leaves a control character, whatever is printed', () => {
    fc.assert(
      fc.property(hostile, (raw) => {
        const kept = [...textOf(raw)].filter((character) => {
          const code = character.codePointAt(0) ?? 0;
          return (
            (code < 32 && code !== 9 && code !== 10) ||
            (code >= 127 && code < 160) ||
            (code >= 0x202a && code <= 0x202e)
          );
        });
        expect(kept).toEqual([]);
      }),
    );
  });

  it('keeps plain text as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~\n\t가-힣]*$/), (raw) => {
        expect(textOf(raw)).toBe(raw);
      }),
    );
  });

  it('keeps colours and weights', () => {
    expect(
      parseAnsi('\u001b[1;31mred\u001b[0m plain \u001b[38;5;46mgreen\u001b[39m \u001b[38;2;20;20;250mblue'),
    ).toMatchObject([
      { text: 'red', color: 1, bold: true },
      { text: ' plain ', color: null, bold: false },
      { text: 'green', color: 2 },
      { text: ' ', color: null },
      { text: 'blue', color: 4 },
    ]);
  });

  it('drops titles, links, cursor moves and strings that never end', () => {
    expect(textOf('\u001b]0;title\u0007a\u001b]8;;http://evil\u001b\\b\u001b]8;;\u001b\\\u001b[2J\u001b[10;10Hc')).toBe(
      'abc',
    );
    expect(textOf('before\u001b]52;c;never ends')).toBe('before');
    expect(textOf('\u001bP1$r\u001b\\x\u001b(By')).toBe('xy');
  });

  it('shows what was written last where a line was written over', () => {
    expect(textOf('10%\r50%\r100%\nnext\r\nlast')).toBe('100%\nnext\nlast');
  });

  it('takes no longer than the output deserves', () => {
    const before = performance.now();
    parseAnsi('\u001b]'.repeat(100_000));
    parseAnsi('\u001b[1;'.repeat(50_000));
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
