/** What a tool call is about, in one line, and as a difference where it edits a file. */
import { type DiffLine, diffLines } from './line-diff.ts';

type Input = Readonly<Record<string, unknown>>;

const textIn = (input: unknown, name: string): string | null => {
  if (typeof input !== 'object' || input === null) return null;
  const value = Object.entries(input).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : null;
};

const WORKSPACE = /^\/workspace\//;
const SUMMARY_FIELDS = ['command', 'file_path', 'path', 'pattern', 'url', 'query', 'description', 'prompt'];

/** The argument that says most. */
export const summaryOf = (input: Input): string => {
  for (const name of SUMMARY_FIELDS) {
    const value = textIn(input, name);
    if (value !== null && value !== '') return value.replace(WORKSPACE, '');
  }
  const json = JSON.stringify(input);
  return json === '{}' ? '' : json;
};

/** The difference that an edit makes; null for a call that edits nothing. */
export const editOf = (name: string, input: Input): { path: string; lines: readonly DiffLine[] } | null => {
  const path = textIn(input, 'file_path')?.replace(WORKSPACE, '');
  if (path === undefined) return null;
  const content = textIn(input, 'content');
  if (name === 'Write' && content !== null) return { path, lines: diffLines('', content) };
  const edits = name === 'MultiEdit' && Array.isArray(input.edits) ? input.edits : name === 'Edit' ? [input] : [];
  const lines = edits.flatMap((edit) => diffLines(textIn(edit, 'old_string') ?? '', textIn(edit, 'new_string') ?? ''));
  return lines.length === 0 ? null : { path, lines };
};

/** The entry of “Allowed tools” that would let a denied call through, as the server's hint names it. */
export const ruleIn = (hint: string): string | null => /\ballowedTools: \["([^"]+)"\]/.exec(hint)?.[1] ?? null;

/** The command of a shell call. */
export const commandOf = (name: string, input: Input): string | null =>
  name === 'Bash' ? textIn(input, 'command') : null;
