/** How much script a browser has to fetch before anything is shown. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const FOLDER = resolve(import.meta.dirname, '../../dist/web');
const MOST_BYTES = 200 * 1024;

/** The scripts that the page names, and those that they import before they can begin. */
const firstScripts = (): Set<string> => {
  const index = readFileSync(`${FOLDER}/index.html`, 'utf8');
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    const text = readFileSync(`${FOLDER}/${name}`, 'utf8');
    for (const [, imported] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) add(`assets/${imported}`);
  };
  for (const [, name] of index.matchAll(/(?:src|href)="\/ui\/([^"]+\.js)"/g)) add(name ?? '');
  return found;
};

it('is at most 200 KB of compressed script', () => {
  const scripts = [...firstScripts()];
  expect(scripts.length).toBeGreaterThan(1);
  const bytes = scripts.reduce((sum, name) => sum + statSync(`${FOLDER}/${name}.gz`).size, 0);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
});

it('leaves the schemas of the settings form for later', () => {
  for (const name of firstScripts()) expect(readFileSync(`${FOLDER}/${name}`, 'utf8')).not.toContain('ZodError');
});

it('has nothing inline, and asks no other host for anything', () => {
  const index = readFileSync(`${FOLDER}/index.html`, 'utf8');
  expect(index).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|style=/);
  for (const [, address] of index.matchAll(/(?:src|href)="([^"]+)"/g)) expect(address).toMatch(/^\/ui\//);
});
