import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fingerprint, isStale, MARK } from '../../scripts/setup/dashboard.mjs';

let root: string;
beforeEach(() => {
  root = `${mkdtempSync(join(tmpdir(), 'slipway-stale-'))}/`;
  for (const folder of ['web/src', 'src/client', 'src/api', 'src/core', 'scripts', 'dist/web']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, 'web/src/main.tsx'), 'one');
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'scripts/build-dashboard.mjs'), '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const build = () => writeFileSync(join(root, 'dist/web', MARK), fingerprint(root));

it('is stale until it is built, and again when anything that goes into it changes', () => {
  expect(isStale(root)).toBe(true);
  build();
  expect(isStale(root)).toBe(false);
  for (const path of ['web/src/main.tsx', 'web/src/new.ts', 'src/api/schemas.ts', 'package-lock.json']) {
    writeFileSync(join(root, path), `changed ${path}`);
    expect(isStale(root), path).toBe(true);
    build();
  }
});

it('is not stale because of a test, or of a file that nothing of it imports', () => {
  build();
  writeFileSync(join(root, 'src/api/schemas.test.ts'), 'a test');
  mkdirSync(join(root, 'src/engine'));
  writeFileSync(join(root, 'src/engine/worker.ts'), 'the engine');
  expect(isStale(root)).toBe(false);
});
