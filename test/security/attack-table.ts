/** The tables of SECURITY.md as data: what the agent wants, the wall against it, and the test that tries it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Attack {
  readonly attack: string;
  /** Path of the test's file, from the root of the repository. */
  readonly file: string;
  /** Name of the test, as its source has it. */
  readonly name: string;
}

const ROW = /^\| (?<attack>[^|]+) \| (?<wall>[^|]+) \| `(?<file>[^`]+)`: (?<name>[^|]+) \|$/;
const BY_NAME = /^\| (?<attack>[^|]+) \| (?<wall>[^|]+) \|$/;

const tableAt = (text: string, heading: RegExp): readonly string[] => {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => heading.test(line)) + 2;
  return lines.slice(start, lines.indexOf('', start)).map((line) => line.replaceAll(/ +/g, ' '));
};

const security = (root: string): string => readFileSync(join(root, 'SECURITY.md'), 'utf8');

/** The rows of the table of attacks; a row of another form is an error. */
export const readAttacks = (root: string): readonly Attack[] =>
  tableAt(security(root), /^\| the agent wants +\| the wall +\| the test +\|/).map((line) => {
    const { attack, file, name } = ROW.exec(line)?.groups ?? {};
    if (attack === undefined || file === undefined || name === undefined) throw new Error(`No row: ${line}`);
    return { attack, file, name };
  });

/** What the agent wants by way of an allowed host: the first column of the second table. */
export const readEgressAttacks = (root: string): readonly string[] =>
  tableAt(security(root), /^\| the agent wants +\| the wall +\|$/).map((line) => {
    const { attack } = BY_NAME.exec(line)?.groups ?? {};
    if (attack === undefined) throw new Error(`No row: ${line}`);
    return attack;
  });
