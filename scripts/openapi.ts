/** Writes openapi.json; with `--check`, says whether it is what the sources make, and changes nothing. */
import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { openApiDocument } from '../src/api/openapi.ts';

const file = new URL('../openapi.json', import.meta.url);
const manifest: { version: string } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
const text = `${JSON.stringify(openApiDocument(manifest.version), null, 2)}\n`;

if (process.argv.includes('--check')) {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== text) {
    console.error('openapi.json is not what the sources make. Write it anew: node scripts/openapi.ts');
    process.exitCode = 1;
  }
} else {
  await writeFile(file, text);
}
