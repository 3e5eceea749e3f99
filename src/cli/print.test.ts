import { describe, expect, it } from 'vitest';
import { jsonText, oneLine, safe, widthOf } from './print.ts';
import { tableLines } from './table.ts';
import { ago, duration, took, until } from './times.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const HOSTILE: readonly [string, string][] = [
  ['OSC that sets the title', '\u001b]0;owned\u0007'],
  ['OSC 8, a link', '\u001b]8;;file:///etc/passwd\u001b\\click\u001b]8;;\u001b\\'],
  ['OSC 52, the clipboard', '\u001b]52;c;cm0gLXJm\u0007'],
  ['CSI that clears the screen', '\u001b[2J\u001b[H'],
  ['CSI as one C1 character', '\u009b2J'],
  ['OSC as one C1 character', '\u009d0;owned\u009c'],
  ['DCS', '\u001bP+q544e\u001b\\'],
  ['a carriage return that overwrites', 'rm -rf /\rls       '],
  ['backspaces that overwrite', 'evil\b\b\b\bgood'],
  ['text that runs backwards', 'photo\u202egnp.exe'],
  ['an isolate', '\u2066abc\u2069'],
  ['an Arabic letter mark', 'a\u061cb'],
  ['a line separator', 'a\u2028b\u2029c'],
  ['a bell, a NUL, a DEL', '\u0007\u0000\u007f'],
];

describe('text for a terminal', () => {
  it.each(HOSTILE)('is harmless: %s', (_, text) => {
    expect(safe(text)).not.toMatch(CONTROL);
    expect(oneLine(text, 80)).not.toMatch(CONTROL);
    expect(jsonText({ text })).not.toMatch(CONTROL);
    expect(JSON.parse(jsonText({ text }))).toEqual({ text });
  });

  it('shows what it took the power from', () => {
    expect(safe('\u001b[2J')).toBe('\\x1b[2J');
    expect(safe('a\u202eb')).toBe('a\\u202eb');
    expect(safe('hidden\u{e0041}')).toBe('hidden\\ue0041');
    expect(JSON.parse(jsonText('\u{e0041}'))).toBe('\u{e0041}');
  });

  it('keeps ordinary text as it is', () => {
    const text = 'Grüße\n\tこんにちは 안녕 👩‍🚀 "x" \\ ❤️';
    expect(safe(text)).toBe(text);
    expect(safe('a\r\nb')).toBe('a\nb');
  });

  it('is cut by columns and never inside a character', () => {
    expect(oneLine('abcdef', 6)).toBe('abcdef');
    expect(oneLine('abcdefg', 6)).toBe('abcde…');
    expect(oneLine('日本語日本語', 6)).toBe('日本…');
    expect(oneLine('👩‍🚀👩‍🚀👩‍🚀', 4)).toBe('👩‍🚀…');
    expect(widthOf('日本a')).toBe(5);
  });
});

describe('a table', () => {
  it('is aligned, fits, and has no tabs', () => {
    const lines = tableLines(
      ['ID', 'NAME'],
      [
        ['1', 'a'.repeat(50)],
        ['日本', 'b\tc\u001b[2J'],
        ['', 'x'],
      ],
      30,
    );
    expect(lines).toEqual(['ID    NAME', `1     ${'a'.repeat(23)}…`, '日本  b c\\x1b[2J', '-     x']);
  });
});

describe('times', () => {
  it.each([
    [1_234, '1.2 s'],
    [59_000, '59 s'],
    [61_000, '1 min 1 s'],
    [7_260_000, '2 h 1 min'],
  ])('%i ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('are relative', () => {
    const now = Date.parse('2026-01-03T00:00:00Z');
    expect(ago('2026-01-03T00:00:05Z', now)).toBe('just now');
    expect(ago('2026-01-02T23:59:20Z', now)).toBe('40 s ago');
    expect(ago('2026-01-02T22:00:00Z', now)).toBe('2 h ago');
    expect(ago('2025-12-25T00:00:00Z', now)).toBe('9 days ago');
    expect(until('2026-01-03T00:00:00Z', now)).toBe('due');
    expect(until('2026-01-03T00:00:40Z', now)).toBe('in 40 s');
    expect(until('2026-01-04T09:00:00Z', now)).toBe('in 33 h');
    expect(until('2026-01-12T00:00:00Z', now)).toBe('in 9 days');
    expect(took(undefined, undefined, now)).toBe('-');
    expect(took('2026-01-02T23:59:50Z', undefined, now)).toBe('10 s');
  });
});
