/**
 * The program as few files of JavaScript, for the package: a start from 400 files, each looked up and read by itself,
 * takes twice as long. What package.json calls a dependency stays a package; what else the sources import is part of the
 * files, and its licence with them. They are not minified: names and comments are the sources', so that a stack trace can
 * be read without maps.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** Between a module's path and the package that it is of, the innermost one. */
const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENCE = /^(?:licen[cs]e|copying)(?:[.-].*)?$/i;

/** The text that a package's licence asks to be kept. */
const licenceOf = (/** @type {string} */ folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => LICENCE.test(file));
  if (files.length === 0)
    throw new Error(`${name} has no file with its licence: it cannot be bundled, make it a dependency.`);
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
};

const licences = (/** @type {readonly string[]} */ modules) => {
  const folders = new Set(modules.flatMap((path) => PACKAGE.exec(path.replace(/^\0/, ''))?.[0] ?? []));
  return [...folders]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`);
};

/** @type {(options: import('rolldown').InputOptions, output: import('rolldown').OutputOptions) => Promise<string[]>} */
const write = async (options, output) => {
  const bundle = await rolldown({
    ...options,
    platform: 'node',
    // What cannot be resolved would be left to fail on somebody else's machine.
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  try {
    const { output: chunks } = await bundle.write({ format: 'esm', ...output });
    return chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  } finally {
    await bundle.close();
  }
};

/**
 * A dependency for its types alone, of which the client's are made: its code is part of the files, where it takes less
 * time to load.
 */
const PART_OF_THE_FILES = 'zod';

/** Writes the program, and the client for other people's programs, into the folder `out`. */
export const bundle = async (/** @type {string} */ root, /** @type {string} */ out) => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const packages = Object.keys(manifest.dependencies).filter((name) => name !== PART_OF_THE_FILES);
  const external = (/** @type {string} */ id) => packages.some((name) => id === name || id.startsWith(`${name}/`));
  const app = join(root, 'src/app.ts');
  const modules = await write(
    { input: { 'cli/main': join(root, 'src/cli/main.ts') }, external },
    {
      dir: out,
      entryFileNames: '[name].js',
      // All in one folder, one below the package's root, as src/ is: paths that begin there hold in both.
      chunkFileNames: ({ moduleIds }) => (moduleIds.includes(app) ? 'server.js' : '[name].js'),
    },
  );
  chmodSync(join(out, 'cli/main.js'), 0o755);
  // These go into builds, which have nothing of us but them.
  const runner = join(root, 'src/executors/cloud-build/runner');
  const inputs = { run: join(runner, 'run.ts'), unpack: join(runner, 'unpack.ts') };
  await write(
    { input: inputs },
    { dir: join(out, 'runner'), entryFileNames: '[name].js', chunkFileNames: '[name].js' },
  );
  const client = await write(
    { input: join(root, 'src/client/public.ts') },
    { dir: join(out, 'client'), entryFileNames: 'client.js' },
  );
  const types = ['-p', join(root, 'tsconfig.client.json'), '--outDir', join(out, 'types')];
  execFileSync(join(root, 'node_modules/.bin/tsc'), types, { stdio: 'inherit' });
  writeFileSync(join(out, 'THIRD-PARTY-LICENSES.txt'), licences([...modules, ...client]));
};
