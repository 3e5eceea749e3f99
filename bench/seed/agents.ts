/** The agents of a seeded installation: what a small team might have. */
import type { Schedule } from '../../src/core/agent.ts';

export interface SeedAgent {
  readonly name: string;
  readonly prompt: string;
  readonly schedule: Schedule | null;
  /** How many of all runs are its own, as a weight. */
  readonly weight: number;
  /** Share of its runs that do not end well. */
  readonly trouble: number;
}

const at = (cron: string): Schedule => ({ cron, timezone: 'Asia/Seoul', overlap: 'skip' });

export const SEED_AGENTS: readonly SeedAgent[] = [
  {
    name: 'Weekly issue summary',
    prompt: 'Read the open issues in issues/ and write a summary by topic into summary.md.\nName who waits for what.',
    schedule: at('0 9 * * 1'),
    weight: 2,
    trouble: 0.03,
  },
  {
    name: 'Nightly dependency check',
    prompt: 'Look for outdated dependencies, update what is safe, run the tests, and write what was left out and why.',
    schedule: at('30 3 * * *'),
    weight: 6,
    trouble: 0.12,
  },
  {
    name: 'Log triage',
    prompt: 'Group the errors in logs/ by cause, count them, and propose the three fixes that would help most.',
    schedule: at('*/30 * * * *'),
    weight: 40,
    trouble: 0.02,
  },
  {
    name: 'Changelog writer',
    prompt: 'Write the changelog entry of the commits since the last tag, for people who use the product.',
    schedule: null,
    weight: 3,
    trouble: 0.05,
  },
  {
    name: 'Translation keeper',
    prompt: 'Compare locales/en.json with locales/ko.json, and translate what is missing.',
    schedule: at('0 7 * * 1-5'),
    weight: 5,
    trouble: 0.04,
  },
  {
    name: 'Flaky test hunter',
    prompt: 'Run the test suite five times, and write a report about the tests whose result changes.',
    schedule: at('0 */6 * * *'),
    weight: 10,
    trouble: 0.18,
  },
];
