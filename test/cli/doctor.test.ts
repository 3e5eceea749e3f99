/** `slipway doctor` as people start it, on this machine and on broken ones, and the same findings by HTTP. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schemas } from '../../src/api/schemas.ts';
import { withMeaning } from '../../src/checks/meanings.ts';
import { answers, openUpstream, type ScriptedUpstream } from '../contracts/gateway/scripted-upstream.ts';
import { startServer } from '../support/server/server.ts';
import { type Ended, start } from './slipway.ts';

const KEY = 'sk-ant-api03-never-printed';
const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const isRoot = process.getuid?.() === 0;

interface Told {
  readonly ready: boolean;
  readonly findings: readonly {
    readonly part: string;
    readonly status: string;
    readonly detail: string;
    readonly mend: string | null;
    readonly matters?: string;
    readonly without?: string;
  }[];
}

describe('slipway doctor', () => {
  let root: string;
  let upstream: ScriptedUpstream;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'slipway-doctor-test-'));
    upstream = await openUpstream();
    upstream.answer(answers(401, { error: { type: 'authentication_error' } }));
  });
  afterAll(async () => {
    await upstream.close();
    rmSync(root, { recursive: true });
  });

  const env = (more: Record<string, string> = {}) => ({
    PORT: '0',
    SLIPWAY_DATA_DIR: join(root, 'data'),
    ANTHROPIC_BASE_URL: upstream.baseUrl,
    ANTHROPIC_API_KEY: KEY,
    ...more,
  });
  const doctor = (args: readonly string[], more?: Record<string, string>): Promise<Ended> =>
    start(['doctor', ...args], { env: env(more) }).ended;
  const told = ({ out }: Ended): Told => JSON.parse(out);
  const part = ({ findings }: Told, name: string) => findings.find((finding) => finding.part === name);

  it('is content with this machine and the demo model, and asks nobody about the key', async () => {
    const ended = await doctor(['--demo', '--json']);
    expect(told(ended).findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect([ended.code, told(ended).ready, ended.err]).toEqual([0, true, '']);
    expect(told(ended).findings.map((finding) => finding.part)).toEqual(
      expect.arrayContaining([
        ...[
          'node',
          'claude',
          'credentials',
          'data directory',
          'temporary files',
          'port',
          'store',
          'disk',
          'control groups',
        ],
        ...[
          'bwrap',
          'namespaces',
          'no network',
          'system calls',
          'disk quota',
          'pip packages',
          'npm packages',
          'repositories',
        ],
      ]),
    );
    expect(upstream.seen).toEqual([]);
    // Whatever of this is ever found missing comes with its meaning.
    const broken = told(ended).findings.map((finding) => withMeaning({ ...finding, status: 'missing' }));
    expect(broken.filter(({ matters, without }) => !matters || !without).map((finding) => finding.part)).toEqual([]);
  });

  it('ends with 1 when the key is refused, says why that matters, and never shows it', async () => {
    const ended = await doctor([]);
    expect(ended.code).toBe(1);
    expect(ended.out).toMatch(/^MISSING {2}credentials +refused by http:\/\/127\.0\.0\.1:\d+ \(HTTP 401\)/m);
    expect(ended.out).toMatch(/^ +why it matters: Each run asks the model service/m);
    expect(ended.out).toMatch(/^ +works without: {2}Everything, with scripted answers/m);
    expect(ended.out).toMatch(/^ +mend: +export ANTHROPIC_API_KEY=/m);
    expect(ended.out).toMatch(/\nNot ready: credentials\. Each says above what mends it\.\n$/);
    expect(ended.out + ended.err).not.toContain(KEY);
  });

  it('misses a file of authorities that is none, and tries the rest all the same', async () => {
    const file = join(root, 'ca.pem');
    writeFileSync(file, 'no certificate');
    const ended = await doctor(['--demo', '--json'], { SLIPWAY_CA_FILE: file });
    const wrong = told(ended).findings.filter(({ status }) => status !== 'ok');
    expect(wrong.map((finding) => finding.part)).toEqual(['certificate authorities']);
    expect(wrong[0]).toMatchObject({ detail: expect.stringContaining(file), matters: expect.any(String) });
    expect(ended.code).toBe(1);
  });

  it.runIf(isRoot)('tells everything at once of a machine on which nothing works', async () => {
    const breaking = `mount -t tmpfs -o ro none ${root}/ro && mount --bind /dev/null /usr/bin/bwrap && exec "$@"`;
    const { port } = new URL(upstream.baseUrl);
    const run = promisify(execFile)(
      'unshare',
      [
        '--mount',
        '--',
        'sh',
        '-ec',
        `mkdir -p ${root}/ro; ${breaking}`,
        'sh',
        process.execPath,
        MAIN,
        'doctor',
        '--json',
      ],
      {
        env: {
          PATH: process.env.PATH ?? '',
          HOME: '/nonexistent',
          ...env({ PORT: port, SLIPWAY_DATA_DIR: `${root}/ro` }),
        },
      },
    );
    const failure = await run.then(
      () => null,
      (error: { code: number; stdout: string }) => error,
    );
    if (failure === null) throw new Error('It was content.');
    expect(failure.code).toBe(1);
    const all: Told = JSON.parse(failure.stdout);
    for (const name of ['credentials', 'data directory', 'port', 'bwrap', 'sandbox']) {
      const finding = part(all, name);
      expect(finding).toMatchObject({ status: 'missing', matters: expect.any(String), without: expect.any(String) });
      if (name !== 'sandbox') expect(finding?.mend).toEqual(expect.any(String));
    }
    expect(part(all, 'control groups')?.status).toBe('ok');
    expect(failure.stdout).not.toContain(KEY);
  });

  it('says that the database is damaged, and tries the rest all the same', async () => {
    const dataDir = mkdtempSync(join(root, 'damaged-'));
    await writeFile(
      join(dataDir, 'slipway.db'),
      'This is no database, and it is long enough to be looked at as one.'.repeat(99),
    );
    const ended = await doctor(['--demo', '--json'], { SLIPWAY_DATA_DIR: dataDir });
    expect(ended.code).toBe(1);
    expect(part(told(ended), 'store')).toMatchObject({
      status: 'missing',
      detail: expect.stringContaining('not a database'),
    });
    expect(part(told(ended), 'memory limit')?.status).toBe('ok');
  });

  it('is what a server says, too, which stays ready when only the model service is at fault', async () => {
    const server = await startServer({ dataDir: join(root, 'data'), env: env() });
    try {
      const asked = upstream.seen.length;
      const first = await server.request('GET', '/readyz');
      expect([first.status, first.body.ready]).toEqual([200, true]);
      expect(schemas.Ready.strict().safeParse(first.body).error).toBeUndefined();
      expect(part(first.body, 'credentials')).toMatchObject({
        status: 'missing',
        detail: expect.stringContaining('HTTP 401'),
        matters: expect.any(String),
        without: expect.any(String),
        mend: expect.stringContaining('export ANTHROPIC_API_KEY='),
      });
      expect(JSON.stringify(first.body)).not.toContain(KEY);
      await server.request('GET', '/readyz');
      // Whoever asks a server does not make it ask the model service each time.
      expect(upstream.seen.length).toBe(asked + 1);

      const { port } = new URL(server.url);
      const beside = await doctor(['--demo', '--json'], { PORT: port });
      expect(beside.code).toBe(0);
      expect(part(told(beside), 'port')?.detail).toMatch(/^Slipway \S+ serves on \d+ already$/);
      const names = (all: Told) =>
        all.findings.map((finding) => finding.part).filter((name) => name !== 'port' && name !== 'clock');
      expect(names(told(beside)).sort()).toEqual(names(first.body).sort());
    } finally {
      await server.stop();
    }
  });
});

it('says before anything else that Node is too old', async () => {
  // The entrance alone, as the package has it, told that it runs on an older one.
  const entrance = stripTypeScriptTypes(await readFile(MAIN, 'utf8')).replace(/^#!.*/, '');
  const older = `Object.defineProperty(process.versions, 'node', { value: '20.19.0' });`;
  const code = `data:text/javascript,${encodeURIComponent(older)}`;
  const ended = promisify(execFile)(process.execPath, ['--import', code, '--input-type=module', '--eval', entrance]);
  await expect(ended).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Slipway needs Node 24 or later'),
  });
});
