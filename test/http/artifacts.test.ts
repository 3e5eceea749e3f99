/** What runs leave behind: lists, files, diffs and raw output, whole and in part, and never as pages. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { schemas } from '../../src/api/schemas.ts';
import type { RunId } from '../../src/core/ids.ts';
import { type ManifestEntry, textChunks, writeManifest } from '../../src/engine/manifest.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';

let bench: Bench;
let id: RunId;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  ({ id } = await readJson<{ id: RunId }>(await bench.call('POST', '/runs', { prompt: 'p' })));
});

const NAMES = [
  'a.txt',
  'dir/ü ñ.txt',
  'we"ird\\name\n%41.txt',
  "it's (1)*.html",
  '../up',
  'a//b',
  '한글/🚀',
  'q?x#y&z=;,+ .md',
];
const file = (path: string, more: Partial<ManifestEntry> = {}): ManifestEntry => ({
  path,
  kind: 'file',
  size: 0,
  status: 'added',
  executable: false,
  target: null,
  blob: null,
  binary: false,
  ...more,
});

const finish = async (entries: readonly ManifestEntry[], blobs: Record<string, string> = {}): Promise<void> => {
  await bench.start(id);
  for (const [name, text] of Object.entries(blobs)) await bench.engine.artifacts.put(id, name, textChunks(text));
  await writeManifest(bench.engine.artifacts, id, entries);
  await bench.finish(id);
};
const get = (path: string, headers: Record<string, string> = {}) =>
  bench.call('GET', `/runs/${id}/${path}`, undefined, headers);

describe('the list', () => {
  it('names every file, and where links point', async () => {
    await finish([
      file('a.sh', { size: 3, blob: 'file-0', executable: true }),
      file('gone', { status: 'deleted' }),
      file('link', { kind: 'symlink', target: '/etc/passwd' }),
    ]);
    const list = await readJson<{ data: object[]; nextPage: null }>(await get('artifacts'));
    expect(list).toEqual({
      data: [
        { path: 'a.sh', size: 3, status: 'added', kind: 'file', executable: true, binary: false },
        { path: 'gone', size: 0, status: 'deleted', kind: 'file', executable: false, binary: false },
        {
          path: 'link',
          size: 0,
          status: 'added',
          kind: 'symlink',
          executable: false,
          binary: false,
          target: '/etc/passwd',
        },
      ],
      nextPage: null,
    });
    expect(schemas.ArtifactPage.strict().safeParse(list).error).toBeUndefined();
  });

  it('is empty for a run that never started', async () => {
    await bench.call('POST', `/runs/${id}/cancel`);
    expect(await readJson(await get('artifacts'))).toEqual({ data: [], nextPage: null });
  });
});

describe('a file', () => {
  it.each(NAMES)('is fetched under the name %j, encoded whole or between slashes', async (path) => {
    await finish(
      NAMES.map((name, index) => file(name, { blob: `file-${index}` })),
      Object.fromEntries(NAMES.map((name, index) => [`file-${index}`, `content of ${name}`])),
    );
    const whole = await get(`artifacts/${encodeURIComponent(path)}`);
    expect([whole.status, await whole.text()]).toEqual([200, `content of ${path}`]);
    // An address has no `..` left in it, and no other name may be found in its place.
    if (path.startsWith('..')) return;
    const parts = await get(`artifacts/${path.split('/').map(encodeURIComponent).join('/')}`);
    expect([parts.status, await parts.text()]).toEqual([200, `content of ${path}`]);
  });

  it('is something to be saved, never a page', async () => {
    await finish([file('dir/it\'s "x".html', { blob: 'file-0' })], { 'file-0': '<script>alert(1)</script>' });
    const response = await get(`artifacts/${encodeURIComponent('dir/it\'s "x".html')}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '25',
      'content-disposition': `attachment; filename="it_s _x_.html"; filename*=UTF-8''it%27s%20%22x%22.html`,
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
    });
  });

  it('is bytes when it is no text', async () => {
    await finish([file('x.bin', { blob: 'file-0', binary: true })], { 'file-0': '\0' });
    expect((await get('artifacts/x.bin')).headers.get('content-type')).toBe('application/octet-stream');
  });

  it('is measured by HEAD', async () => {
    await finish([file('a', { blob: 'file-0' })], { 'file-0': 'abc' });
    const response = await bench.call('HEAD', `/runs/${id}/artifacts/a`);
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '3', '']);
  });

  it.each([
    ['none', 'not_found', 'The run changed no file "none".', undefined],
    ['gone', 'not_found', 'The run deleted this file.', 'The diff shows what was in it, if it was text.'],
    [
      'link',
      'conflict',
      'This is a symbolic link to "../x"; links are not followed.',
      'If it points to a file that the run changed, fetch that one.',
    ],
    ['lost', 'not_found', 'The content of this file was not kept.', undefined],
    ['swept', 'not_found', 'The content of this file was not kept.', undefined],
    ['%ff', 'invalid_request', 'The path is not percent-encoded UTF-8.', undefined],
  ])('that cannot be had is refused: %s', async (path, code, detail, hint) => {
    await finish([
      file('gone', { status: 'deleted' }),
      file('link', { kind: 'symlink', target: '../x' }),
      file('lost'),
      file('swept', { blob: 'file-9' }),
    ]);
    await expectProblem(await get(`artifacts/${path}`), { code, detail, ...(hint === undefined ? {} : { hint }) });
  });
});

describe('ranges', () => {
  it.each([
    ['bytes=0-0', 206, 'a', 'bytes 0-0/10'],
    ['bytes=2-4', 206, 'cde', 'bytes 2-4/10'],
    ['bytes=7-', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=7-99', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=-3', 206, 'hij', 'bytes 7-9/10'],
    ['bytes=-99', 206, 'abcdefghij', 'bytes 0-9/10'],
    ['bytes=0-1,3-4', 200, 'abcdefghij', null],
    ['bytes=4-2', 200, 'abcdefghij', null],
    ['bytes=-', 200, 'abcdefghij', null],
    ['lines=1-2', 200, 'abcdefghij', null],
  ])('%s', async (range, status, text, shown) => {
    await finish([file('a', { blob: 'file-0' })], { 'file-0': 'abcdefghij', output: 'abcdefghij' });
    for (const path of ['artifacts/a', 'output']) {
      const response = await get(path, { range });
      expect(response.headers.get('content-length')).toBe(String(text.length));
      expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
        status,
        text,
        shown,
      ]);
    }
  });

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('%s is refused', async (range) => {
    await finish([], { output: 'abcdefghij' });
    const response = await get('output', { range });
    expect(response.headers.get('content-range')).toBe('bytes */10');
    const detail = 'There are 10 bytes, and none in the range that was asked for.';
    await expectProblem(response, { code: 'range_not_satisfiable', detail });
  });

  it('are not given on a condition that cannot hold', async () => {
    await finish([], { output: 'abcdefghij' });
    expect((await get('output', { range: 'bytes=1-2', 'if-range': '"x"' })).status).toBe(200);
  });
});

describe.each([
  ['diff', 'the diff'],
  ['output', 'the output'],
])('%s', (path, what) => {
  it('is plain text', async () => {
    await finish([], { [path]: 'line one\nline two\n' });
    const response = await get(path);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    expect(await response.text()).toBe('line one\nline two\n');
  });

  it('is empty for a run that never started', async () => {
    await bench.call('POST', `/runs/${id}/cancel`);
    const response = await get(path);
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('that was not kept is not passed off as empty', async () => {
    await finish([file('a')]);
    await expectProblem(await get(path), {
      code: 'not_found',
      detail: `For this run ${what} was not kept.`,
      hint: "The run's events say why, and hold what was read before.",
    });
  });
});

it('the diff of a run that changed no file is empty, and takes no blob', async () => {
  await finish([]);
  const response = await get('diff');
  expect([response.status, await response.text()]).toEqual([200, '']);
});

it.each([
  ['artifacts', 'the list of files'],
  ['artifacts/a', 'what it changed'],
  ['diff', 'the diff'],
  ['output', 'the output'],
])('%s is there when the run is over, and says so before', async (path, what) => {
  await expectProblem(await get(path), {
    code: 'conflict',
    detail: `The run is queued; ${what} is stored when it ends.`,
    hint: 'Follow the run by its events, and ask again after the last one.',
  });
});
