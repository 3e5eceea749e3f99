/**
 * Proves the simulation: plants one plausible mistake at a time in a copy of the sources and says which seed finds it.
 *
 *   node test/simulation/planted.ts [seeds for each, 2000]
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { occurrences, withEdits } from '../support/edits.ts';
import { simulate } from '../support/simulation/seeded/simulate.ts';
import { MISTAKES, type Mistake } from './mistakes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A mistake that makes the engine go round in circles is found by this. */
const HANGS_MS = 180_000;
const FOLDERS = ['src', 'test/simulation', 'test/support', 'test/contracts/stores'];

/** Plays seeds from 1 on until one goes wrong; says which, and what was wrong. */
const playUntilFound = async (count: number): Promise<string> => {
  for (let seed = 1; seed <= count; seed += 1) {
    const [first] = await simulate(seed);
    if (first !== undefined)
      return `seed ${seed} | ${first.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '…')}`;
  }
  return `not found in ${count} seeds |`;
};

const withMistake = (folder: string, mistake: Mistake, act: () => string): string => {
  if (occurrences(readFileSync(join(folder, mistake.file), 'utf8'), mistake) !== 1) {
    return 'its text is not in the source exactly once |';
  }
  return withEdits(folder, [mistake], () => {
    try {
      return act();
    } catch {
      return 'no seed: it does not come to an end |';
    }
  });
};

const plantAll = (count: number): void => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-planted-'));
  try {
    for (const part of FOLDERS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const play = (): string => {
      const script = join(folder, 'test/simulation/planted.ts');
      return execFileSync(process.execPath, [script, 'play', String(count)], {
        encoding: 'utf8',
        timeout: HANGS_MS,
      }).trim();
    };
    process.stdout.write(`| mistake | found by | as |\n| --- | --- | --- |\n| none | ${play()} |\n`);
    for (const mistake of MISTAKES) {
      process.stdout.write(`| ${mistake.name} | ${withMistake(folder, mistake, play)} |\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const [mode, argument] = process.argv.slice(2);
if (mode === 'play') process.stdout.write(`${await playUntilFound(Number(argument))}\n`);
else plantAll(Number(mode ?? 2_000));
