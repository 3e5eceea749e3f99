import { createTwoFilesPatch } from 'diff';

const quoted = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : JSON.stringify(path));

/** Long differences are not worth minutes of computing: beyond this many edits the file counts as rewritten. */
const MAX_EDITS = 20_000;

/** Unified diff of one file, as `git diff` heads it; null stands for bytes that are no text. */
export const unifiedDiff = (path: string, before: string | null, after: string | null): string => {
  const name = quoted(path);
  if (before === after && before !== null) return '';
  if (before === null || after === null) return `Files ${name} differ (binary, or too large to show)\n`;
  const from = before === '' ? '/dev/null' : `a/${name}`;
  const to = after === '' ? '/dev/null' : `b/${name}`;
  const patch = createTwoFilesPatch(from, to, before, after, undefined, undefined, { maxEditLength: MAX_EDITS });
  if (patch === undefined) return `Files ${name} differ (too much to show)\n`;
  return `diff a/${name} b/${name}\n${patch.split('\n').slice(1).join('\n')}`;
};
