/** The dashboard's files over HTTP. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readUi } from '../../src/http/static.ts';
import { type Bench, openBench } from './bench/open-bench.ts';

const SCRIPT = 'console.log("a script")';

let folder: string;
let bench: Bench;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-ui-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>the page');
  await writeFile(join(folder, 'icon.svg'), '<svg/>');
  await writeFile(join(folder, 'assets/app-1a2b.js'), SCRIPT);
  await writeFile(join(folder, 'assets/app-1a2b.js.gz'), gzipSync(SCRIPT));
  await writeFile(join(folder, 'assets/app-1a2b.js.br'), 'as brotli');
  await writeFile(join(folder, 'sources.sha256'), 'a secret of the build');
  const ui = await readUi(folder, (text) => String(text.length).padStart(64, '0'));
  bench = await openBench({ ui, auth: 'api-key' });
});
afterAll(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}) => bench.call('GET', path, undefined, headers);

describe('the dashboard', () => {
  it.each(['/ui', '/ui/', '/ui/runs', '/ui/runs/01a20d1e?tab=x', '/ui/sources.sha256'])(
    'is one page: %s',
    async (path) => {
      const page = await get(path);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(await page.text()).toBe('<!doctype html>the page');
      expect(page.headers.get('cache-control')).toBe('no-cache');
    },
  );

  it('lets nothing inline and no other host into the page, and no page frame it', async () => {
    const policy = (await get('/ui')).headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'self'; script-src 'self'; style-src 'self';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it('keeps for ever what has its hash in its name', async () => {
    const script = await get('/ui/assets/app-1a2b.js');
    expect(await script.text()).toBe(SCRIPT);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('sends the smallest form that the client takes', async () => {
    const coding = async (accepted: string) =>
      (await get('/ui/assets/app-1a2b.js', { 'accept-encoding': accepted })).headers.get('content-encoding');
    expect(await coding('gzip, deflate, br')).toBe('br');
    expect(await coding('gzip, br;q=0')).toBe('gzip');
    expect(await coding('identity')).toBeNull();
    expect((await get('/ui/icon.svg', { 'accept-encoding': 'gzip' })).headers.get('content-encoding')).toBeNull();
  });

  it('is not sent again to who has it', async () => {
    const etag = (await get('/ui')).headers.get('etag') ?? '';
    const again = await get('/ui', { 'if-none-match': etag });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it.each([
    '/ui/assets/old-9f.js',
    '/ui/assets/../../package.json',
    '/ui/assets/%2e%2e/sources.sha256',
    '/ui/assets/app-1a2b.js.gz',
  ])('answers no page for a file that is not there: %s', async (path) => {
    const answer = await get(path);
    expect(await answer.text()).not.toContain('secret');
    if (path.includes('/assets/') && !path.includes('..') && !path.includes('%2e')) expect(answer.status).toBe(404);
  });

  it('takes no other method', async () => {
    const answer = await bench.call('POST', '/ui/runs', {});
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

it('is not there when it was not built', async () => {
  expect(await readUi(join(folder, 'assets'), (text) => text)).toBeNull();
  expect(await readUi(join(folder, 'nothing'), (text) => text)).toBeNull();
});
