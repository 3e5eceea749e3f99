/** A unified diff, cut into files and lines. */
import type { DiffLine } from './line-diff.ts';

export interface FileDiff {
  readonly path: string;
  readonly lines: readonly (DiffLine | { readonly kind: 'hunk'; readonly text: string })[];
  readonly added: number;
  readonly removed: number;
}

const nameOf = (line: string): string =>
  line
    .slice(4)
    .split('\t')[0]
    ?.replace(/^[ab]\//, '') ?? '';

/** Reads what `GET /runs/{id}/diff` answers. */
export const parseUnifiedDiff = (text: string): readonly FileDiff[] => {
  const files: { path: string; lines: FileDiff['lines'][number][]; added: number; removed: number }[] = [];
  let open = false;
  let left = 0;
  let right = 0;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const file = files.at(-1);
    const hunk = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line);
    if (left <= 0 && right <= 0 && line.startsWith('--- ') && lines[index + 1]?.startsWith('+++ ') === true) {
      const after = nameOf(lines[index + 1] ?? '');
      files.push({ path: after === '/dev/null' ? nameOf(line) : after, lines: [], added: 0, removed: 0 });
      open = false;
    } else if (hunk !== null && file !== undefined) {
      left = Number(hunk[1] ?? 1);
      right = Number(hunk[2] ?? 1);
      open = true;
      file.lines.push({ kind: 'hunk', text: line });
    } else if (open && file !== undefined && (left > 0 || right > 0)) {
      const body = line.slice(1);
      if (line.startsWith('+')) {
        file.lines.push({ kind: 'added', text: body });
        file.added += 1;
        right -= 1;
      } else if (line.startsWith('-')) {
        file.lines.push({ kind: 'removed', text: body });
        file.removed += 1;
        left -= 1;
      } else if (!line.startsWith('\\')) {
        file.lines.push({ kind: 'same', text: body });
        left -= 1;
        right -= 1;
      }
    }
  }
  return files;
};
