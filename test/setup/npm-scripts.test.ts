import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const scripts: Record<string, string> = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).scripts;

/**
 * A shell remembers where it found `node`. On a fresh clone that is the machine's own, found before the pinned one was
 * installed, so after the set-up the same line must name the pinned one by its path (or go through npm again).
 */
it.each(Object.entries(scripts).filter(([, script]) => script.includes('scripts/setup.mjs')))(
  'npm script %s runs on the pinned Node after the set-up',
  (_, script) => {
    const [setUp, ...afterwards] = script.split('&&').map((command) => command.trim());
    expect(setUp).toMatch(/^node scripts\/setup\.mjs \w+$/);
    for (const command of afterwards) expect(command).toMatch(/^(?:node_modules\/\.bin\/node|npm run) /);
  },
);
