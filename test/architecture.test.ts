/** The architecture, checked: ARCHITECTURE.md says what the rules are for. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inspect } from './support/architecture/inspect.ts';
import { describeViolation } from './support/architecture/violation.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['src', 'web', 'test', 'scripts', 'bench'];
const SKIPPED = /(?:^|\/)(?:node_modules|dist|fixtures)\//;

const sourceFiles = (): Map<string, string> => {
  const present = readdirSync(ROOT);
  const paths = FOLDERS.filter((folder) => present.includes(folder)).flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  );
  const sources = paths.filter((path) => /\.(?:ts|tsx|mjs)$/.test(path) && !SKIPPED.test(path));
  return new Map(sources.map((path) => [path, readFileSync(`${ROOT}${path}`, 'utf8')]));
};

it('holds in every file', () => {
  const files = sourceFiles();
  expect(files.has('src/core/transitions.ts')).toBe(true);
  expect(inspect(files).map(describeViolation)).toEqual([]);
});
