import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../src/system/diff.ts';
import { diffLines } from '../../web/src/lib/line-diff.ts';
import { editOf, ruleIn, summaryOf } from '../../web/src/lib/tool-call.ts';
import { parseUnifiedDiff } from '../../web/src/lib/unified-diff.ts';

const lines = fc.array(fc.constantFrom('a', 'b', '-- x', '++ y', '@@ z', ''), { maxLength: 6 });
const join = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

describe('a difference by lines', () => {
  it('gives both texts back', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const found = diffLines(join(before), join(after));
        const side = (other: string) => found.filter(({ kind }) => kind !== other).map(({ text }) => text);
        expect([side('added'), side('removed')]).toEqual([before, after]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('shows a middle that is too large as replaced', () => {
    const many = (word: string) => join(Array.from({ length: 2_000 }, (_, line) => `${word}${line}`));
    expect(diffLines(many('a'), many('b'))).toHaveLength(4_000);
  });
});

describe('a unified diff', () => {
  it('is cut into files and lines, whatever stands in the lines', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const text = unifiedDiff('dir/file.txt', join(before), join(after));
        const [file] = parseUnifiedDiff(text);
        const count = (kind: string) => file?.lines.filter((line) => line.kind === kind).length ?? 0;
        expect(count('added') - count('removed')).toBe(after.length - before.length);
        if (join(before) !== join(after)) expect(file?.path).toBe('dir/file.txt');
      }),
      { numRuns: 2_000 },
    );
  });

  it('names added and deleted files', () => {
    const text = `${unifiedDiff('new.txt', '', 'x\n')}${unifiedDiff('old.txt', 'x\n', '')}`;
    expect(parseUnifiedDiff(text).map(({ path, added, removed }) => [path, added, removed])).toEqual([
      ['new.txt', 1, 0],
      ['old.txt', 0, 1],
    ]);
  });
});

describe('a tool call', () => {
  it('is summed up by its most telling argument', () => {
    expect(summaryOf({ command: 'ls', description: 'list' })).toBe('ls');
    expect(summaryOf({ file_path: '/workspace/a/b.ts' })).toBe('a/b.ts');
    expect(summaryOf({})).toBe('');
  });

  it('shows an edit as a difference, and nothing else as one', () => {
    const edit = editOf('Edit', { file_path: '/workspace/a', old_string: 'x\ny', new_string: 'x\nz' });
    expect(edit?.lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual(['same x', 'removed y', 'added z']);
    expect(editOf('Bash', { command: 'x' })).toBeNull();
    expect(editOf('Edit', { file_path: 7 })).toBeNull();
  });

  it('finds the rule in the hint of a denial', () => {
    expect(ruleIn('Add it to the agent: allowedTools: ["Bash(curl:*)"].')).toBe('Bash(curl:*)');
    expect(ruleIn('It is forbidden by disallowedTools.')).toBeNull();
  });
});
