/** The package that users install, against what the sources do. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPackage, openBuiltPackage } from '../support/package/built-package.ts';
import { openCloudStage } from '../support/server/cloud-stage.ts';
import { openStage } from '../support/server/stage.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const execute = promisify(execFile);

/** What a file of the package imports before it runs. */
const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?:.* from )?"([^"]+)";$/gm)].map(
    ([, name]) => name ?? '',
  );

/** The files that are loaded with one, itself included, and the packages that they need. */
const loadedWith = (folder: string, name: string): { readonly files: Set<string>; readonly packages: Set<string> } => {
  const files = new Set<string>();
  const packages = new Set<string>();
  const look = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const one of importsOf(join(folder, file))) {
      if (one.startsWith('./')) look(one.slice(2));
      else if (!one.startsWith('node:')) packages.add(one);
    }
  };
  look(name);
  return { files, packages };
};

/** What a user could write; with a mistake that the compiler has to find. */
const PROGRAM = `import { createClient, ProblemError } from 'slipway/client';
declare const process: { env: Record<string, string | undefined> };
declare const console: { log(text: string): void };

const client = createClient({ url: process.env.URL_OF_SERVER ?? '', key: null });
// @ts-expect-error A run needs a prompt.
const wrong = (): unknown => client.createRun({ model: 'm' });
const { id } = await client.createRun({ prompt: '[[demo:hello]]' });
for await (const heard of client.followRun(id)) {
  if (heard.kind === 'event' && heard.event.type === 'run.succeeded') console.log(heard.event.type);
}
const run = await client.readRun(id);
const text: string | undefined = run.result?.text;
console.log(String(text));
try {
  await client.readRun('00000000-0000-7000-8000-000000000000');
} catch (error) {
  if (error instanceof ProblemError) console.log(error.status + ' ' + error.code);
}
`;

describe('the package', () => {
  let built: BuiltPackage;
  let dist = '';
  beforeAll(async () => {
    built = await openBuiltPackage();
    dist = join(built.folder, 'dist');
  }, 60_000);
  afterAll(() => built?.remove());

  it('runs an agent, and describes itself as the sources do', async () => {
    const stage = await openStage({ main: built.main });
    try {
      const { run } = await stage.run('[[demo:hello]]');
      expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'succeeded', executor: 'local' });
      const document = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8'));
      expect((await stage.request('GET', '/openapi.json')).body).toEqual(document);
      expect((await stage.request('GET', '/docs')).status).toBe(200);
    } finally {
      await stage.close();
    }
  }, 120_000);

  it('runs an agent in a build, with the runner that it brings', async () => {
    const stage = await openCloudStage({ main: built.main });
    try {
      const { run } = await stage.run('[[demo:hello]]');
      expect(run, JSON.stringify(run.error)).toMatchObject({ status: 'succeeded', executor: 'cloud-build' });
    } finally {
      await stage.close();
    }
  }, 120_000);

  it('loads no package for a server with SQLite, and no server for a command that needs none', () => {
    const { files, packages } = loadedWith(dist, 'server.js');
    expect(files.size).toBeGreaterThan(1);
    expect([...packages]).toEqual([]);
    const command = loadedWith(dist, 'program.js');
    expect(command.files.size).toBeGreaterThan(1);
    expect([...command.files]).not.toContain('server.js');
    // So that the test would see one.
    expect([...loadedWith(dist, 'google.js').packages]).toContain('@googleapis/cloudbuild');
  });

  it('has a runner that needs nothing but Node', () => {
    const runner = join(dist, 'runner');
    for (const name of readdirSync(runner)) {
      // What a build's archive takes.
      expect(name).toMatch(/^[a-z-]+\.js$/);
      expect([...loadedWith(runner, name).packages]).toEqual([]);
    }
  });

  it('says where it failed in words of the sources', async () => {
    const failing = execute(process.execPath, [join(dist, 'runner/unpack.js')], { env: {} });
    await expect(failing).rejects.toThrow(/at takeSecrets \(/);
    expect(readFileSync(join(dist, 'server.js'), 'utf8')).toContain('const openInstallation = async (config, logger)');
  });

  it("brings a client for other people's programs, whose types are those of the wire", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-user-'));
    const stage = await openStage();
    try {
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(built.folder, join(folder, 'node_modules/slipway'));
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
      writeFileSync(join(folder, 'program.ts'), PROGRAM);
      const options = [
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--types',
        '',
        'program.ts',
      ];
      await execute(join(ROOT, 'node_modules/.bin/tsc'), options, { cwd: folder });
      const env = { ...process.env, URL_OF_SERVER: stage.server().url };
      const { stdout } = await execute(process.execPath, ['program.ts'], { cwd: folder, env });
      expect(stdout).toBe('run.succeeded\nHello from the scripted demo model.\n404 not_found\n');
    } finally {
      await stage.close();
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  it('keeps the licence of each package that is part of it', () => {
    const licences = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of ['@hono/node-server', 'ajv', 'commander', 'hono', 'pino', 'prom-client', 'zod']) {
      expect(licences).toMatch(new RegExp(`^${name} [0-9.]+ \\(.+\\)$`, 'm'));
    }
    expect(licences).toContain('Permission is hereby granted, free of charge');
    expect(licences).not.toContain('@googleapis/');
  });
});
