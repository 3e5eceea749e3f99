/** Markdown inside a line. The text is a model's: only http and https addresses become links, and nothing becomes HTML. */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em' | 'del'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: 'break' };

const MOST_DEPTH = 6;

/** The address if it is one that may be followed; null otherwise. */
export const safeHref = (address: string): string | null => {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
};

/** What can begin here, the first that fits: each alternative is bounded by characters that it cannot hold itself. */
const TOKEN =
  /(`+)|!?\[([^[\]\n]{0,1000})\]\(([^()\s]{1,2000}(?:\([^()\s]{0,200}\))?)(?:\s+"[^"\n]{0,200}")?\)|<(https?:\/\/[^<>\s]{1,2000})>|(https?:\/\/[^\s<>"'`]{1,2000})|(\*\*|__|~~|\*|_)|\\([!-/:-@[-`{-~])|( {2,}\n|\\\n)/g;

const STYLES: Readonly<Record<string, 'strong' | 'em' | 'del'>> = {
  '**': 'strong',
  __: 'strong',
  '~~': 'del',
  '*': 'em',
  _: 'em',
};

const isWord = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Where the mark that opened at `from` closes; -1 when it does not. */
const closing = (text: string, mark: string, from: number): number => {
  if (text[from] === undefined || /\s/.test(text[from])) return -1;
  for (let at = text.indexOf(mark, from + 1); at !== -1; at = text.indexOf(mark, at + mark.length)) {
    const before = text[at - 1];
    const after = text[at + mark.length];
    if (before === undefined || /[\s\\]/.test(before)) continue;
    // A single star beside another one belongs to a pair; an underscore inside of a word is part of its name.
    if (mark.length === 1 && (after === mark || before === mark)) continue;
    if (mark.startsWith('_') && isWord(after)) continue;
    return at;
  }
  return -1;
};

const trimAddress = (address: string): string => address.replace(/[.,;:!?)\]}]+$/, '');

/** Reads one paragraph's text. */
export const parseInline = (text: string, depth = 0): readonly Inline[] => {
  const found: Inline[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') found.push({ kind: 'text', text: plain });
    plain = '';
  };
  const add = (inline: Inline): void => {
    flush();
    found.push(inline);
  };
  const link = (address: string, label: readonly Inline[], source: string): void => {
    const href = safeHref(address);
    if (href === null) plain += source;
    else add({ kind: 'link', href, children: label });
  };
  let at = 0;
  const token = new RegExp(TOKEN);
  for (;;) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) break;
    plain += text.slice(at, match.index);
    const [source, ticks, label, target, angle, bare, mark, escaped, broken] = match;
    at = match.index + source.length;
    if (ticks !== undefined) {
      const end = text.indexOf(ticks, at);
      if (end === -1) plain += source;
      else {
        add({ kind: 'code', text: text.slice(at, end).replace(/^ (.*) $/, '$1') });
        at = end + ticks.length;
      }
    } else if (label !== undefined && target !== undefined) {
      link(target, depth < MOST_DEPTH ? parseInline(label, depth + 1) : [{ kind: 'text', text: label }], source);
    } else if (angle !== undefined) {
      link(angle, [{ kind: 'text', text: angle }], source);
    } else if (bare !== undefined) {
      const address = trimAddress(bare);
      at -= bare.length - address.length;
      link(address, [{ kind: 'text', text: address }], address);
    } else if (mark !== undefined) {
      const opensInWord = mark.startsWith('_') && isWord(text[match.index - 1]);
      const end = opensInWord || depth >= MOST_DEPTH ? -1 : closing(text, mark, at);
      if (end === -1) plain += source;
      else {
        add({ kind: STYLES[mark] ?? 'em', children: parseInline(text.slice(at, end), depth + 1) });
        at = end + mark.length;
      }
    } else if (escaped !== undefined) plain += escaped;
    else if (broken !== undefined) add({ kind: 'break' });
  }
  plain += text.slice(at);
  flush();
  return found;
};
