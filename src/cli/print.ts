/** What goes to a terminal. Text of a model or of a user is hostile there: control characters never pass. */

/*
 * C0 without tab and line feed (a carriage return overwrites its line), DEL, C1 (one of them is CSI), the characters
 * that reorder text, the separators that some terminals take for line breaks, and the invisible ones that can carry
 * hidden text. Joiners and variation selectors stay: emoji and several scripts need them.
 */
const HOSTILE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const hex = (char: string): string => (char.codePointAt(0) ?? 0).toString(16);
const visible = (char: string): string =>
  char < '\u0100' ? `\\x${hex(char).padStart(2, '0')}` : `\\u${hex(char).padStart(4, '0')}`;

/** Text with its control characters made visible and harmless. */
export const safe = (text: string): string => text.replace(/\r\n/g, '\n').replace(HOSTILE, visible);

const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const columnsOf = (grapheme: string): number => (WIDE.test(grapheme) || grapheme.includes('\ufe0f') ? 2 : 1);

/** How many columns of a terminal a line takes. */
export const widthOf = (line: string): number => {
  let width = 0;
  for (const { segment } of segmenter.segment(line)) width += columnsOf(segment);
  return width;
};

/** A line cut to `width` columns, never inside a character. */
const clip = (line: string, width: number): string => {
  let taken = 0;
  let end = 0;
  for (const { segment, index } of segmenter.segment(line)) {
    taken += columnsOf(segment);
    if (taken > width) return `${line.slice(0, end)}…`;
    if (taken < width) end = index + segment.length;
  }
  return line;
};

/** The same in as many lines of at most `width` columns as it takes: nothing is left out. */
export const wrapped = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = '';
  let taken = 0;
  for (const { segment } of segmenter.segment(safe(text).replace(/\s+/g, ' ').trim())) {
    const columns = columnsOf(segment);
    if (taken + columns > Math.max(2, width)) {
      lines.push(line);
      line = '';
      taken = 0;
    }
    line += segment;
    taken += columns;
  }
  return [...lines, line];
};

/** Longest piece of a text that is looked at for one line, so that a huge text costs nothing. */
const LOOKED_AT = 10_000;

/** The same on one line, at most `width` columns. */
export const oneLine = (text: string, width: number): string =>
  clip(safe(text.slice(0, LOOKED_AT).replace(/\s+/g, ' ').trim()), Math.max(1, width));

/** JSON for people and programs: the same value, and harmless on a terminal, where JSON's own escapes leave C1 alone. */
export const jsonText = (value: unknown, indent = 2): string =>
  JSON.stringify(value, null, indent).replace(HOSTILE, (char) =>
    [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );

export const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

export const complain = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

export const sayJson = (value: unknown): void => say(jsonText(value));

const PIPE_WIDTH = 160;

/** Columns of the terminal; where there is none, lines may be long but not endless. */
export const outputWidth = (): number =>
  process.stdout.isTTY ? Math.max(40, process.stdout.columns || 80) : PIPE_WIDTH;

/** US dollars for people; an unknown cost is said to be unknown. */
export const money = (usd: number | null): string =>
  usd === null ? 'cost unknown' : `$${usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2)}`;
