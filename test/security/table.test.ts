/** SECURITY.md names a test for each attack; each of them exists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const ROW = /^\| (?<attack>[^|]+) \| (?<wall>[^|]+) \| `(?<file>[^`]+)`: (?<name>[^|]+) \|$/;

/** The rows of the table of attacks; a row of another form is an error. */
const rowsOf = (text: string): readonly { attack: string; file: string; name: string }[] => {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^\| the agent wants +\|/.test(line)) + 2;
  const table = lines.slice(start, lines.indexOf('', start)).map((line) => line.replaceAll(/ +/g, ' '));
  return table.map((line) => {
    const { attack, file, name } = ROW.exec(line)?.groups ?? {};
    if (attack === undefined || file === undefined || name === undefined) throw new Error(`No row: ${line}`);
    return { attack, file, name };
  });
};

const quoted = (name: string): readonly string[] => ["'", '"', '`'].map((quote) => `${quote}${name}${quote}`);

describe('the table of attacks in SECURITY.md', () => {
  const rows = rowsOf(readFileSync(join(ROOT, 'SECURITY.md'), 'utf8'));

  it('has every attack once', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(new Set(rows.map(({ attack }) => attack)).size).toBe(rows.length);
  });

  it.each(rows)('$attack: its test exists', ({ file, name }) => {
    const source = readFileSync(join(ROOT, file), 'utf8');
    expect(quoted(name).some((text) => source.includes(text))).toBe(true);
  });
});
