/** The part of Markdown that models write, as a tree. There is no HTML in it: what looks like HTML is text. */
import { type Inline, parseInline } from './inline-markdown.ts';

export type Block =
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3 | 4; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'list'; readonly start: number | null; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: 'rule' };

const MOST_DEPTH = 5;
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const HEADING = /^ {0,3}(#{1,6})\s+(.+?)\s*#*$/;
const RULE = /^ {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])\s+(.*)$/;
const QUOTE = /^ {0,3}> ?/;
const DIVIDER = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

const levelOf = (marks: number): 1 | 2 | 3 | 4 => (marks === 1 ? 1 : marks === 2 ? 2 : marks === 3 ? 3 : 4);

const cellsOf = (line: string): readonly (readonly Inline[])[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => parseInline(cell.trim()));

/** The lines while `belongs`, and where they end. */
const take = (lines: readonly string[], from: number, belongs: (line: string) => boolean): number => {
  let to = from;
  while (to < lines.length && belongs(lines[to] ?? '')) to += 1;
  return to;
};

interface Read {
  readonly block: Block;
  readonly next: number;
}

const readCode = (lines: readonly string[], at: number, fence: RegExpExecArray): Read => {
  const mark = fence[1] ?? '```';
  const end = take(lines, at + 1, (line) => !line.trimStart().startsWith(mark));
  return {
    block: { kind: 'code', language: fence[2] ?? '', text: lines.slice(at + 1, end).join('\n') },
    next: end + 1,
  };
};

const readList = (lines: readonly string[], at: number, first: RegExpExecArray, depth: number): Read => {
  const ordered = /\d/.test(first[2] ?? '');
  const items: (readonly Block[])[] = [];
  let next = at;
  for (;;) {
    const item = ITEM.exec(lines[next] ?? '');
    if (item === null || /\d/.test(item[2] ?? '') !== ordered) break;
    const indent = (lines[next] ?? '').length - (item[3] ?? '').length;
    const end = take(lines, next + 1, (line) => line.startsWith(' '.repeat(Math.min(indent, 2))) || line.trim() === '');
    const inner = lines
      .slice(next + 1, end)
      .map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length)));
    items.push(parseLines([item[3] ?? '', ...inner], depth + 1));
    next = end;
  }
  return { block: { kind: 'list', start: ordered ? Number.parseInt(first[2] ?? '1', 10) : null, items }, next };
};

const startsBlock = (line: string): boolean =>
  line.trim() === '' ||
  FENCE.test(line) ||
  HEADING.test(line) ||
  RULE.test(line) ||
  QUOTE.test(line) ||
  ITEM.test(line);

const readBlock = (lines: readonly string[], at: number, depth: number): Read => {
  const line = lines[at] ?? '';
  const fence = FENCE.exec(line);
  if (fence !== null) return readCode(lines, at, fence);
  const heading = HEADING.exec(line);
  if (heading !== null) {
    const level = levelOf((heading[1] ?? '').length);
    return { block: { kind: 'heading', level, children: parseInline(heading[2] ?? '') }, next: at + 1 };
  }
  if (RULE.test(line)) return { block: { kind: 'rule' }, next: at + 1 };
  if (QUOTE.test(line) && depth < MOST_DEPTH) {
    const end = take(lines, at, (one) => QUOTE.test(one));
    const inner = lines.slice(at, end).map((one) => one.replace(QUOTE, ''));
    return { block: { kind: 'quote', blocks: parseLines(inner, depth + 1) }, next: end };
  }
  const item = ITEM.exec(line);
  if (item !== null && depth < MOST_DEPTH) return readList(lines, at, item, depth);
  if (line.includes('|') && DIVIDER.test(lines[at + 1] ?? '')) {
    const end = take(lines, at + 2, (one) => one.includes('|'));
    return { block: { kind: 'table', rows: [line, ...lines.slice(at + 2, end)].map(cellsOf) }, next: end };
  }
  const end = Math.max(
    at + 1,
    take(lines, at + 1, (one) => !startsBlock(one)),
  );
  return { block: { kind: 'paragraph', children: parseInline(lines.slice(at, end).join('\n')) }, next: end };
};

const parseLines = (lines: readonly string[], depth: number): readonly Block[] => {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    if ((lines[at] ?? '').trim() === '') {
      at += 1;
      continue;
    }
    const { block, next } = readBlock(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
};

/** Reads a message. Never throws, and never takes longer than its length deserves. */
export const parseMarkdown = (text: string): readonly Block[] =>
  parseLines(text.replaceAll('\r\n', '\n').split('\n'), 0);
