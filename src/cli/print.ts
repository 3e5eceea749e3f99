/** What goes to a terminal. Text of a model or of a user is hostile there: control characters never pass. */

// C0 without tab and line feed, DEL, C1, and the Unicode characters that reorder text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const HOSTILE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text with its control characters made visible and harmless. */
export const safe = (text: string): string =>
  text.replace(/\r\n/g, '\n').replace(HOSTILE, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** The same on one line, at most `width` characters. */
export const oneLine = (text: string, width: number): string => {
  const line = safe(text.replace(/\s+/g, ' ').trim());
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
};

export const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

export const complain = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** US dollars for people; an unknown cost is said to be unknown. */
export const money = (usd: number | null): string =>
  usd === null ? 'cost unknown' : `$${usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2)}`;
