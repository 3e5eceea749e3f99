import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { completed, missingOptional } from '../../scripts/setup/lock-file.mjs';

const readJson = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));

const PARTIAL = {
  '': {},
  'node_modules/tool': {
    dev: true,
    optionalDependencies: {
      '@tool/linux-x64-gnu': '2.0.0',
      '@tool/linux-x64-musl': '2.0.0',
      '@tool/darwin-arm64': '2.0.0',
      fsevents: '~2.3.3',
    },
  },
  'node_modules/@tool/linux-x64-gnu': { version: '2.0.0', dev: true, optional: true },
  'node_modules/other/node_modules/tool': { optionalDependencies: { '@tool/linux-x64-gnu': '1.0.0' } },
};

describe('completing a lock file', () => {
  it('finds exact versions that are asked for and not there, a nearer one of another version included', () => {
    expect(missingOptional(PARTIAL)).toEqual([
      { parent: 'node_modules/tool', name: '@tool/linux-x64-musl', version: '2.0.0' },
      { parent: 'node_modules/tool', name: '@tool/darwin-arm64', version: '2.0.0' },
      { parent: 'node_modules/other/node_modules/tool', name: '@tool/linux-x64-gnu', version: '1.0.0' },
    ]);
  });

  it('puts them beside who asks, with the platform that their names say, and finds nothing more then', () => {
    const packages = completed(PARTIAL);
    expect(packages['node_modules/@tool/linux-x64-musl']).toEqual({
      version: '2.0.0',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    });
    expect(packages['node_modules/@tool/darwin-arm64']).toEqual({
      version: '2.0.0',
      dev: true,
      optional: true,
      os: ['darwin'],
      cpu: ['arm64'],
    });
    expect(packages['node_modules/other/node_modules/@tool/linux-x64-gnu']).toMatchObject({ libc: ['glibc'] });
    expect(missingOptional(packages)).toEqual([]);
  });
});

describe('the lock file of this repository', () => {
  it('is complete (after `npm install`, run `node scripts/setup/complete-lock.mjs`)', () => {
    expect(missingOptional(readJson('package-lock.json').packages)).toEqual([]);
  });

  it('fits package.json', () => {
    const { dependencies, devDependencies } = readJson('package.json');
    const own = readJson('package-lock.json').packages[''];
    expect(own.dependencies).toEqual(dependencies);
    expect(own.devDependencies).toEqual(devDependencies);
  });

  it('names no address to download from', () => {
    expect(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')).not.toContain(
      '"resolved": "http',
    );
  });
});
