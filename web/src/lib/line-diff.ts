/** What changed between two short texts, line by line: for the edits that an agent makes. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Above this many comparisons the middle is shown as replaced whole. */
const MOST_WORK = 400_000;

const linesOf = (text: string): readonly string[] => {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
};

const same = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ kind: 'same', text }));
const replaced = (before: readonly string[], after: readonly string[]): DiffLine[] => [
  ...before.map((text): DiffLine => ({ kind: 'removed', text })),
  ...after.map((text): DiffLine => ({ kind: 'added', text })),
];

/** By the longest common subsequence. */
const middleDiff = (before: readonly string[], after: readonly string[]): DiffLine[] => {
  if (before.length * after.length > MOST_WORK) return replaced(before, after);
  const width = after.length + 1;
  const longest = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      longest[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length && column < after.length) {
    const text = before[row] ?? '';
    if (text === after[column]) {
      lines.push({ kind: 'same', text });
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      lines.push({ kind: 'removed', text });
      row += 1;
    } else {
      lines.push({ kind: 'added', text: after[column] ?? '' });
      column += 1;
    }
  }
  return [...lines, ...replaced(before.slice(row), after.slice(column))];
};

export const diffLines = (before: string, after: string): readonly DiffLine[] => {
  const old = linesOf(before);
  const now = linesOf(after);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  return [
    ...same(old.slice(0, head)),
    ...middleDiff(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...same(tail === 0 ? [] : old.slice(-tail)),
  ];
};
