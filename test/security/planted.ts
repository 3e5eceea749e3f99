/**
 * Proves the tests of the walls: takes one wall at a time away, in a copy of the sources, and says whether the test of
 * the attack fails then. Needs what the tests need (root, bubblewrap), and a C compiler for one of the walls.
 *
 *   node test/security/planted.ts [part of the name of a row or a wall]…
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withEdits } from '../support/edits.ts';
import { type Attack, readAttacks } from './attack-table.ts';
import type { Removal } from './removal.ts';
import { BOUND_REMOVALS } from './removed-bounds.ts';
import { PLACE_REMOVALS } from './removed-walls.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A wall whose removal makes a test wait for ever has not been shown to be missed. */
const LONGEST_SECONDS = 150;
/** How the message begins with which the attacks say that they could not be made. */
const UNTRIED = 'Not all was tried';
const COPIED = ['src', 'test', 'scripts', 'deploy', 'package.json', 'openapi.json', 'SECURITY.md'];
/** Without the dashboard and the emulator, which no test of a wall needs. */
const CONFIG = 'export default { test: { testTimeout: 30_000, hookTimeout: 120_000, maxWorkers: 1 } };\n';

interface Played {
  readonly status: 'passed' | 'failed' | 'not run';
  /** First line of what a failed test says. */
  readonly said: string;
}

type Results = readonly {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}[];

interface Report {
  readonly testResults: readonly { readonly message: string; readonly assertionResults: Results }[];
}

/** What a test is called up to where its name has a value in it; it stands for several tests then. */
const beginningOf = (name: string): string => name.replace(/%s.*$/, '');
const patternOf = (name: string): string => beginningOf(name).replace(/[.*+?^${}()|[\]\\"'/]/g, '.');
const plain = (text: string): string =>
  (text.split('\n')[0] ?? '')
    .replace(/^\w*Error: /, '')
    .replaceAll('|', '¦')
    .slice(0, 140);

/** Plays tests of one file; a text instead of results where there are none, saying why. */
const playFile = (folder: string, file: string, names: readonly string[]): Results | string => {
  const output = join(folder, 'report.json');
  rmSync(output, { force: true });
  const vitest = [join(folder, 'node_modules/vitest/vitest.mjs'), 'run', file, '-t', names.map(patternOf).join('|')];
  const options = ['--reporter=json', `--outputFile=${output}`];
  const seconds = LONGEST_SECONDS + 20 * (names.length - 1);
  try {
    // The group of processes is ended whole, with the servers that a test has started.
    const limit = ['--kill-after=5', String(seconds), process.execPath];
    execFileSync('timeout', [...limit, ...vitest, ...options], { cwd: folder, stdio: 'ignore' });
  } catch {
    // A test that fails ends the runner with an error, too: the report says which.
  }
  if (!existsSync(output)) return `no end within ${seconds} seconds`;
  const report: Report = JSON.parse(readFileSync(output, 'utf8'));
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return results.length === 0 ? (report.testResults[0]?.message ?? 'no such test') : results;
};

const judge = (results: Results | string, name: string): Played => {
  if (typeof results === 'string') return { status: 'not run', said: plain(results) };
  const ours = results.filter(({ title }) => title.startsWith(beginningOf(name)));
  const failed = ours.find(({ status }) => status === 'failed');
  const said = plain(failed?.failureMessages[0] ?? '');
  // A place that does not work any more fails every test, and proves none.
  if (failed !== undefined) return { status: said.startsWith(UNTRIED) ? 'not run' : 'failed', said };
  const passed = ours.length > 0 && ours.every(({ status }) => status === 'passed');
  return { status: passed ? 'passed' : 'not run', said: '' };
};

const compile = (folder: string, source: string): void => {
  writeFileSync(join(folder, 'removal.c'), source);
  execFileSync('cc', ['-shared', '-fPIC', '-o', 'removal.so', 'removal.c'], { cwd: folder });
};

const without = (folder: string, removal: Removal, act: () => Played): Played => {
  if (removal.library !== undefined) compile(folder, removal.library);
  return withEdits(folder, removal.edits, act);
};

type Test = Pick<Attack, 'file' | 'name'>;

/** All the tests with all the walls standing. */
const playWhole = (folder: string, tests: readonly Test[]): ReadonlyMap<string, Results | string> => {
  const files = [...new Set(tests.map(({ file }) => file))];
  const namesIn = (file: string) => [...new Set(tests.filter((test) => test.file === file).map(({ name }) => name))];
  return new Map(files.map((file) => [file, playFile(folder, file, namesIn(file))]));
};

const removeAll = (wanted: readonly string[]): number => {
  const attacks = readAttacks(ROOT);
  const testOf = ({ attack, test }: Removal): Test => {
    const found = test ?? attacks.find((row) => row.attack === attack);
    if (found === undefined) throw new Error(`SECURITY.md has no row: ${attack}`);
    return found;
  };
  const isWanted = ({ attack, wall }: Removal): boolean =>
    wanted.length === 0 || wanted.some((part) => `${attack} ${wall}`.toLowerCase().includes(part.toLowerCase()));
  const removals = [...PLACE_REMOVALS, ...BOUND_REMOVALS].filter(isWanted);
  const folder = mkdtempSync(join(tmpdir(), 'slipway-walls-'));
  // Servers that are not root are started in it, too.
  chmodSync(folder, 0o755);
  let wrong = 0;
  try {
    for (const part of COPIED) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'vitest.config.ts'), CONFIG);
    process.stdout.write('| attack | wall that is taken away | its test | as |\n| --- | --- | --- | --- |\n');
    const whole = playWhole(folder, removals.map(testOf));
    for (const removal of removals) {
      const { file, name } = testOf(removal);
      const before = judge(whole.get(file) ?? 'not played', name);
      const sound = before.status === 'passed';
      const after = sound ? without(folder, removal, () => judge(playFile(folder, file, [name]), name)) : before;
      const proven = sound && after.status === 'failed';
      if (!proven) wrong += 1;
      const told = sound ? wordsFor(after) : `**${before.status} with all walls standing**`;
      process.stdout.write(`| ${removal.attack} | ${removal.wall} | ${told} | ${after.said} |\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return wrong;
};

const wordsFor = ({ status }: Played): string =>
  status === 'failed' ? 'failed as it should' : status === 'passed' ? '**STILL PASSES**' : '**DID NOT RUN**';

process.exitCode = removeAll(process.argv.slice(2)) === 0 ? 0 : 1;
