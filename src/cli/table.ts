/** Tables: aligned columns, two spaces apart; on a terminal the last column gives way. */
import { oneLine, outputWidth, say, widthOf } from './print.ts';

const GAP = 2;
const NARROWEST = 8;
const WIDEST_CELL = 100;

/** Lines of a table. Cells are made harmless; the `width` is kept by cutting the last column. */
export const tableLines = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] => {
  const cells = [headings, ...rows.map((row) => row.map((cell) => oneLine(cell, WIDEST_CELL) || '-'))];
  const widths = headings.map((_, at) => Math.max(...cells.map((row) => widthOf(row[at] ?? ''))));
  const last = headings.length - 1;
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + GAP, 0);
  const room = Math.max(NARROWEST, width - before);
  return cells.map((row) =>
    row
      .map((cell, at) =>
        at === last ? oneLine(cell, room) : cell + ' '.repeat((widths[at] ?? 0) - widthOf(cell) + GAP),
      )
      .join(''),
  );
};

/** Prints a table, or what there is to say when it is empty. */
export const sayTable = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  whenEmpty: string,
): void => {
  if (rows.length === 0) say(whenEmpty);
  else for (const line of tableLines(headings, rows, outputWidth())) say(line);
};
