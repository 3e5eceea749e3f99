/** The images, as far as that can be said without building them: no container engine can be had in these tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { GOOGLE_SETTINGS } from '../../src/google-settings.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const IMAGES = ['runner', 'server'] as const;
const dockerfile = (image: string): string => readFileSync(join(ROOT, 'deploy/images', image, 'Dockerfile'), 'utf8');

/** Instructions as they are carried out: without comments, continued lines as one. */
const instructions = (text: string): string[] =>
  text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');

/** Paths of the context that COPY takes. */
const copied = (text: string): string[] =>
  instructions(text)
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(/\s+/).slice(1, -1));

const manifest: { devDependencies: { node: string } } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe.each(IMAGES)('the Dockerfile of the %s', (image) => {
  const text = dockerfile(image);

  it('has nothing that a linter complains of', () => {
    expect(validate(text)).toEqual([]);
  });

  it('stands on the Node that the repository pins, in every stage', () => {
    const bases = instructions(text).filter((line) => line.startsWith('FROM '));
    expect(bases.length).toBeGreaterThan(1);
    for (const base of bases) {
      expect(base).toMatch(new RegExp(`^FROM node:${manifest.devDependencies.node}-trixie-slim( AS [a-z]+)?$`));
    }
  });

  it('copies what there is, and what .dockerignore lets in', () => {
    const admitted = readFileSync(join(ROOT, '.dockerignore'), 'utf8').match(/(?<=^!).*/gm) ?? [];
    const here = readdirSync(ROOT);
    for (const path of copied(text)) {
      const top = path.replace(/^\.\//, '').split('/')[0] ?? '';
      expect(here, path).toContain(top);
      expect(admitted, path).toContain(top);
    }
  });

  it('installs packages by the lock file, and keeps no lists of Debian packages', () => {
    expect(text).not.toMatch(/npm (install|i|add) /);
    for (const line of instructions(text).filter((one) => one.includes('apt-get install'))) {
      expect(line).toContain('--no-install-recommends');
      expect(line).toContain('rm -rf /var/lib/apt/lists/*');
    }
  });
});

describe('the images', () => {
  it('have, and let in, no secret', () => {
    for (const image of IMAGES) expect(dockerfile(image)).not.toMatch(/KEY|TOKEN|SECRET|PASSWORD/);
    const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
    expect(ignore.split('\n').find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
  });

  it('serve as nobody, and in builds as root, who makes the agent somebody else', () => {
    expect(instructions(dockerfile('server')).findLast((line) => line.startsWith('USER '))).toBe('USER node');
    expect(instructions(dockerfile('runner')).filter((line) => line.startsWith('USER '))).toEqual([]);
  });

  it('belong together: the server is told which runner it was built with', () => {
    expect(Object.keys(GOOGLE_SETTINGS)).toContain('SLIPWAY_RUNNER_IMAGE');
    expect(dockerfile('server')).toMatch(/^ARG RUNNER_IMAGE=$[\s\S]*SLIPWAY_RUNNER_IMAGE=\$RUNNER_IMAGE/m);
  });
});
