/** Reads the `text` of an answer while its JSON is being written. */

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
/** Looked at while the text's beginning is sought; an answer that has other fields before it is shown at its end. */
const MAX_HEAD = 65_536;
const HEAD = /^\s*\{\s*"text"\s*:\s*"/;

export interface TextStream {
  /** Takes a piece of JSON; gives the new characters of the text. Never throws. */
  push(piece: string): string;
}

/** For one attempt of the model at its answer, whose first member is `text`. */
export const createTextStream = (): TextStream => {
  let state: 'head' | 'text' | 'over' = 'head';
  let held = '';

  const read = (): string => {
    let said = '';
    let at = 0;
    while (at < held.length) {
      const char = held.charAt(at);
      if (char === '"') {
        state = 'over';
        held = '';
        return said;
      }
      if (char !== '\\') {
        said += char;
        at += 1;
        continue;
      }
      const kind = held.charAt(at + 1);
      const length = kind === 'u' ? 6 : 2;
      // The rest of the escape has not come yet.
      if (held.length < at + length) break;
      said += kind === 'u' ? unicode(held.slice(at + 2, at + 6)) : (ESCAPES[kind] ?? kind);
      at += length;
    }
    held = held.slice(at);
    return said;
  };

  return {
    push: (piece) => {
      if (state === 'over') return '';
      held += piece;
      if (state === 'head') {
        const head = HEAD.exec(held);
        if (head === null) {
          if (held.length > MAX_HEAD) state = 'over';
          return '';
        }
        state = 'text';
        held = held.slice(head[0].length);
      }
      return read();
    },
  };
};

const unicode = (hex: string): string =>
  /^[0-9a-fA-F]{4}$/.test(hex) ? String.fromCharCode(Number.parseInt(hex, 16)) : '\uFFFD';
