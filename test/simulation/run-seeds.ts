/**
 * Plays seeds, and names the ones that went wrong.
 *
 *   SEED=17 vitest run test/simulation               plays that one alone
 *   SIMULATION_SEEDS=100000 vitest run test/simulation   plays so many
 */
import { simulate } from '../support/simulation/seeded/simulate.ts';

const DEFAULT_SEEDS = 4_000;
/** After so many failures the cause is clear. */
const ENOUGH = 5;

/** The seeds of one of `parts` test files, which run beside one another. */
export const seedsOf = (part: number, parts: number): number[] => {
  const { SEED, SIMULATION_SEEDS } = process.env;
  if (SEED !== undefined) return part === 0 ? [Number(SEED)] : [];
  const count = Number(SIMULATION_SEEDS ?? DEFAULT_SEEDS);
  return Array.from({ length: Math.ceil((count - part) / parts) }, (_, index) => 1 + part + index * parts);
};

/** One line for each thing that was wrong, its seed first. */
export const failuresIn = async (seeds: readonly number[]): Promise<string[]> => {
  const failures: string[] = [];
  let failed = 0;
  for (const seed of seeds) {
    const violations = await simulate(seed);
    failures.push(...violations.map((violation) => `SEED=${seed}: ${violation}`));
    if (violations.length > 0) failed += 1;
    if (failed >= ENOUGH) break;
  }
  return failures;
};
