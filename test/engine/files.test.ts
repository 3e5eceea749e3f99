import { afterEach, describe, expect, it } from 'vitest';
import { collectFiles } from '../../src/engine/collect-files.ts';
import { BLOBS, readManifest } from '../../src/engine/manifest.ts';
import type { Execution, FileOut } from '../../src/ports/executor.ts';
import { unifiedDiff } from '../../src/system/diff.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

let world: World;
afterEach(() => world.close());

const encoder = new TextEncoder();
const file = (path: string, content: string | Uint8Array, overrides: Partial<FileOut> = {}): FileOut => {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  return {
    root: 'workspace',
    path,
    status: 'added',
    kind: 'file',
    size: bytes.length,
    executable: false,
    target: null,
    content: async function* () {
      yield bytes;
    },
    before: async () => null,
    ...overrides,
  };
};
const execution = (files: readonly FileOut[]): Execution => ({
  ref: 'x',
  output: async function* () {
    yield { stream: 'stdout', bytes: encoder.encode('out'), next: { stdout: 3, stderr: 0 } };
    yield { stream: 'stderr', bytes: encoder.encode('err'), next: { stdout: 3, stderr: 3 } };
  },
  exit: Promise.resolve({ code: 0, signal: null, endedBy: null, limitsHit: [], lost: false }),
  kill: async () => undefined,
  files: async function* () {
    yield* files;
  },
  release: async () => undefined,
});
const collect = async (files: readonly FileOut[]) => {
  world = await openWorld(() => []);
  const run = await world.submit();
  const drive = { ...world.drive, diff: unifiedDiff };
  const events = await collectFiles(drive, run, execution(files));
  const read = async (name: string): Promise<string> => {
    const blob = await drive.artifacts.get(run.id, name);
    const parts: Uint8Array[] = [];
    for await (const part of blob?.read() ?? []) parts.push(part);
    return Buffer.concat(parts).toString('latin1');
  };
  const has = async (name: string): Promise<boolean> => (await drive.artifacts.get(run.id, name)) !== null;
  return { events, manifest: (await readManifest(drive.artifacts, run.id)) ?? [], read, has };
};

describe('what a run leaves behind', () => {
  it('is listed by path, with events, contents and a difference', async () => {
    const before = async () => encoder.encode('old\n');
    const { events, manifest, read } = await collect([
      file('b.txt', 'new\n', { status: 'modified', before }),
      file('a.txt', 'added\n'),
      file('c.txt', '', { status: 'deleted', before, size: 0 }),
    ]);
    expect(manifest.map(({ path, status, size }) => [path, status, size])).toEqual([
      ['a.txt', 'added', 6],
      ['b.txt', 'modified', 4],
      ['c.txt', 'deleted', 0],
    ]);
    expect(events.map((event) => event.type)).toEqual(['artifact', 'artifact', 'artifact']);
    expect(await read(manifest[1]?.blob ?? '')).toBe('new\n');
    const diff = await read(BLOBS.diff);
    expect(diff).toContain('--- a/b.txt\n+++ b/b.txt\n@@ -1,1 +1,1 @@\n-old\n+new\n');
    expect(diff).toContain('--- a/c.txt\n+++ /dev/null\n');
  });

  it('holds binary and large files whole, without a difference', async () => {
    const binary = new Uint8Array([0, 255, 1]);
    const { manifest, read } = await collect([file('x.bin', binary), file('large.txt', 'x'.repeat(2_000_000))]);
    expect(manifest.map(({ path, binary: isBinary, size }) => [path, isBinary, size])).toEqual([
      ['large.txt', false, 2_000_000],
      ['x.bin', true, 3],
    ]);
    expect(await read(manifest[1]?.blob ?? '')).toBe('\u0000\u00ff\u0001');
    expect((await read(BLOBS.diff)).match(/Files differ/g)).toHaveLength(2);
  });

  it('names a symbolic link and its target, and has no bytes of it', async () => {
    const { manifest, read } = await collect([
      file('link', 'secret', { kind: 'symlink', target: '/etc/passwd', size: 0 }),
    ]);
    expect(manifest).toEqual([
      expect.objectContaining({ path: 'link', kind: 'symlink', target: '/etc/passwd', blob: null, size: 0 }),
    ]);
    expect(await read(BLOBS.diff)).toBe('');
  });

  it('keeps what was printed and the transcript, which is no artifact', async () => {
    const { manifest, read } = await collect([file('transcript', 'session', { root: 'home' }), file('a', 'x')]);
    expect(manifest.map((entry) => entry.path)).toEqual(['a']);
    expect([await read(BLOBS.output), await read(BLOBS.transcript)]).toEqual(['out', 'session']);
  });

  it('is a list without entries, and no difference, when no file was changed', async () => {
    const { manifest, has } = await collect([]);
    expect([manifest, await has(BLOBS.diff), await has(BLOBS.output)]).toEqual([[], false, true]);
  });

  it('says how many files it left out, and how many have no event', async () => {
    const { events, manifest } = await collect(Array.from({ length: 10_050 }, (_, n) => file(`f${n}`, 'x')));
    expect(manifest).toHaveLength(10_000);
    expect(events).toHaveLength(1_002);
    expect(events.at(-1)).toMatchObject({
      type: 'truncated',
      data: { what: expect.stringMatching(/^50 changed files/) },
    });
  });
});
