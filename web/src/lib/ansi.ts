/**
 * Terminal output as styled pieces of text (ECMA-48, SGR). Colours and weights are kept; every other escape — titles,
 * links, cursor moves, device requests — is dropped, and control characters with it, so that what is left is text.
 */
export interface Piece {
  readonly text: string;
  /** Colour of the palette, 0–15; null = the usual one. */
  readonly color: number | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

type Style = Omit<Piece, 'text'>;

const PLAIN: Style = { color: null, bold: false, dim: false, italic: false, underline: false, inverse: false };

/** OSC, DCS, SOS, PM and APC strings with their terminators; CSI sequences; two-character escapes; a lone escape. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|$)|(?:\u001b\[|\u009b)([0-?]*)[ -/]*([@-~])|\u001b[ -/]*[0-~]?/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: as above; tab and line feed stay
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Characters that turn the direction of what follows, and so can make text look like other text. */
const BIDI = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;

/** Text without control characters, with characters that reorder text made visible. */
export const cleanText = (text: string): string => text.replace(CONTROLS, '').replace(BIDI, '\ufffd');

/** A line that a carriage return goes back on shows what was written last, as a terminal would. */
const overwrite = (text: string): string =>
  text.includes('\r')
    ? text
        .replaceAll('\r\n', '\n')
        .split('\n')
        .map((line) => line.replace(/\r+$/, '').split('\r').at(-1) ?? '')
        .join('\n')
    : text;

/** The nearest colour of the sixteen. */
const nearest = (red: number, green: number, blue: number): number => {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 40) return most > 150 ? 7 : 8;
  const middle = (most + least) / 2;
  return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
};

const fromCube = (index: number): number => {
  if (index < 16) return index;
  if (index >= 232) return index > 243 ? 7 : 8;
  const at = index - 16;
  const level = (step: number) => (step === 0 ? 0 : 55 + 40 * step);
  return nearest(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6));
};

const within = (value: number | undefined): number => Math.min(255, Math.max(0, value ?? 0));

/** Applies the numbers of one SGR sequence. */
const restyle = (style: Style, parameters: string): Style => {
  const codes = parameters.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, dim: true };
    else if (code === 3) next = { ...next, italic: true };
    else if (code === 4) next = { ...next, underline: true };
    else if (code === 7) next = { ...next, inverse: true };
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 23) next = { ...next, italic: false };
    else if (code === 24) next = { ...next, underline: false };
    else if (code === 27) next = { ...next, inverse: false };
    else if (code === 39) next = { ...next, color: null };
    else if (code >= 30 && code <= 37) next = { ...next, color: code - 30 };
    else if (code >= 90 && code <= 97) next = { ...next, color: code - 82 };
    else if (code === 38 || code === 48) {
      const wide = codes[at + 1] === 2;
      const color = wide
        ? nearest(within(codes[at + 2]), within(codes[at + 3]), within(codes[at + 4]))
        : fromCube(within(codes[at + 2]));
      if (code === 38) next = { ...next, color };
      at += wide ? 4 : 2;
    }
  }
  return next;
};

/** The text in pieces of one style each; neighbours differ. */
export const parseAnsi = (raw: string): readonly Piece[] => {
  const text = overwrite(raw);
  const pieces: Piece[] = [];
  let style = PLAIN;
  let from = 0;
  const push = (part: string): void => {
    const clean = cleanText(part);
    if (clean !== '') pieces.push({ ...style, text: clean });
  };
  for (const found of text.matchAll(ESCAPES)) {
    push(text.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[2] === 'm') style = restyle(style, found[1] ?? '');
  }
  push(text.slice(from));
  return pieces;
};
