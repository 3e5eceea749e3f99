/** SECURITY.md names a test for each attack: each exists, and each is known to fail without its wall. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { occurrences } from '../support/edits.ts';
import { readAttacks, readEgressAttacks } from './attack-table.ts';
import { BOUND_REMOVALS } from './removed-bounds.ts';
import { PLACE_REMOVALS } from './removed-walls.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const REMOVALS = [...PLACE_REMOVALS, ...BOUND_REMOVALS];

const sourceOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const quoted = (name: string): readonly string[] => ["'", '"', '`'].map((quote) => `${quote}${name}${quote}`);
const hasTest = ({ file, name }: { readonly file: string; readonly name: string }): boolean =>
  quoted(name).some((text) => sourceOf(file).includes(text));

describe('the tables of attacks in SECURITY.md', () => {
  const rows = readAttacks(ROOT);
  const attacks = [...rows.map(({ attack }) => attack), ...readEgressAttacks(ROOT)];

  it('have every attack once', () => {
    expect(attacks.length).toBeGreaterThan(40);
    expect(new Set(attacks).size).toBe(attacks.length);
  });

  it.each(rows)('$attack: its test exists', (row) => {
    expect(hasTest(row)).toBe(true);
  });

  it.each(attacks)('%s: the wall is taken away by test/security/planted.ts', (attack) => {
    expect(REMOVALS.map((removal) => removal.attack)).toContain(attack);
  });
});

describe('the walls that test/security/planted.ts takes away', () => {
  it.each(REMOVALS)('$attack: $wall', ({ attack, edits, test }) => {
    expect([...readAttacks(ROOT).map((row) => row.attack), ...readEgressAttacks(ROOT)]).toContain(attack);
    expect(edits.length).toBeGreaterThan(0);
    for (const one of edits) expect([one.find, occurrences(sourceOf(one.file), one)]).toEqual([one.find, 1]);
    if (test !== undefined) expect(hasTest(test)).toBe(true);
  });
});
