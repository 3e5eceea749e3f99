import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** Long differences are not worth minutes of computing: beyond this many edits the file counts as rewritten. */
const MAX_EDITS = 20_000;

/**
 * Unified diff of one file, its header as git writes it, odd names quoted; null stands for bytes that are no text.
 * Empty when the two are the same.
 */
export const unifiedDiff = (path: string, before: string | null, after: string | null): string => {
  if (before === null || after === null)
    return `Files differ (binary, or too large to show): ${JSON.stringify(path)}\n`;
  if (before === after) return '';
  const from = before === '' ? '/dev/null' : `a/${path}`;
  const to = after === '' ? '/dev/null' : `b/${path}`;
  const patch = createTwoFilesPatch(from, to, before, after, undefined, undefined, {
    maxEditLength: MAX_EDITS,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return patch ?? `Files differ (too much to show): ${JSON.stringify(path)}\n`;
};
