/** Reads what can be read of a JSON text whose end was cut off. */

interface Frame {
  readonly close: ']' | '}';
  /** In an object: whether the next string is a key. */
  expectsKey: boolean;
}

const LONGEST_ESCAPE = 12;

const closersOf = (stack: readonly Frame[]): string =>
  stack
    .map(({ close }) => close)
    .reverse()
    .join('');

/** End of the string that begins at `from`, quotes included; -1 when it does not end. */
const endOfString = (text: string, from: number): number => {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return -1;
};

const tryParse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The value with everything after the cut left out, a cut string kept up to the cut; undefined when there is none. */
export const parseCutJson = (text: string): unknown => {
  const stack: Frame[] = [];
  // Behind the last whole token. Each bracket is one, so whatever is open there is open at the end as well.
  let safe = 0;
  for (let at = 0; at < text.length; at += 1) {
    const top = stack.at(-1);
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (end < 0) return top?.expectsKey ? closeAt(text, safe, stack) : closeInString(text, safe, stack);
      if (!top?.expectsKey) safe = end;
      at = end - 1;
    } else if (character === '{' || character === '[') {
      stack.push(character === '{' ? { close: '}', expectsKey: true } : { close: ']', expectsKey: false });
      safe = at + 1;
    } else if (character === '}' || character === ']') {
      stack.pop();
      safe = at + 1;
    } else if (character === ':' && top !== undefined) {
      top.expectsKey = false;
    } else if (character === ',') {
      // What stands before a comma is whole, whether string, number or word.
      safe = at;
      if (top !== undefined) top.expectsKey = top.close === '}';
    }
  }
  return closeAt(text, safe, stack);
};

const closeAt = (text: string, safe: number, stack: readonly Frame[]): unknown =>
  tryParse(text.slice(0, safe) + closersOf(stack));

/** Closes a string value; an escape that was cut in two goes with the cut. */
const closeInString = (text: string, safe: number, stack: readonly Frame[]): unknown => {
  const closers = closersOf(stack);
  for (let drop = 0; drop <= LONGEST_ESCAPE; drop += 1) {
    const value = tryParse(`${text.slice(0, text.length - drop)}"${closers}`);
    if (value !== undefined) return value;
  }
  return closeAt(text, safe, stack);
};
