/** What any artifact store must do. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../../src/core/ids.ts';
import type { ArtifactStore } from '../../../src/ports/artifact-store.ts';
import { newRunId } from '../stores/fixtures.ts';

export interface OpenArtifacts {
  readonly artifacts: ArtifactStore;
  close(): Promise<void>;
}

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield new TextEncoder().encode(part);
}
async function* broken(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('half');
  throw new Error('the source broke');
}

export const describeArtifactStoreContract = (name: string, open: () => Promise<OpenArtifacts>): void => {
  describe(`artifact store: ${name}`, () => {
    let opened: OpenArtifacts;
    let run: RunId;
    beforeEach(async () => {
      opened = await open();
      run = newRunId();
    });
    afterEach(() => opened.close());
    const text = async (blob: string, start?: number): Promise<string | null> => {
      const found = await opened.artifacts.get(run, blob);
      if (found === null) return null;
      const parts: Uint8Array[] = [];
      for await (const part of found.read(start)) parts.push(part);
      return Buffer.concat(parts).toString('utf8');
    };

    it('gives back what was put, whole and from a byte on', async () => {
      expect(await opened.artifacts.put(run, 'output', chunks('one ', 'two'))).toBe(7);
      expect(await text('output')).toBe('one two');
      expect(await text('output', 4)).toBe('two');
      expect((await opened.artifacts.get(run, 'output'))?.size).toBe(7);
    });

    it('keeps an empty blob, which is not the same as none', async () => {
      expect(await text('diff')).toBeNull();
      expect(await opened.artifacts.put(run, 'diff', chunks())).toBe(0);
      expect(await text('diff')).toBe('');
    });

    it('replaces a blob whole', async () => {
      await opened.artifacts.put(run, 'output', chunks('a long first version'));
      await opened.artifacts.put(run, 'output', chunks('short'));
      expect(await text('output')).toBe('short');
    });

    it('keeps the earlier blob when the new one breaks off', async () => {
      await opened.artifacts.put(run, 'output', chunks('whole'));
      await expect(opened.artifacts.put(run, 'output', broken())).rejects.toThrow('the source broke');
      expect(await text('output')).toBe('whole');
      await expect(opened.artifacts.put(run, 'other', broken())).rejects.toThrow('the source broke');
      expect(await text('other')).toBeNull();
    });

    it('keeps runs apart, and removes all of one', async () => {
      const other = newRunId();
      await opened.artifacts.put(run, 'output', chunks('mine'));
      await opened.artifacts.put(other, 'output', chunks('theirs'));
      await opened.artifacts.remove(run);
      await opened.artifacts.remove(run);
      expect(await text('output')).toBeNull();
      expect((await opened.artifacts.get(other, 'output'))?.size).toBe(6);
    });

    it.each(['../x', 'a/b', '', '.', '..', 'A', 'a\0b', '.hidden'])('refuses %j as a name', async (bad) => {
      await expect(opened.artifacts.put(run, bad, chunks('x'))).rejects.toThrow(TypeError);
      await expect(opened.artifacts.get(run, bad)).rejects.toThrow(TypeError);
    });

    it('refuses a run id that is none', async () => {
      const strange: RunId = '../../etc' as RunId;
      await expect(opened.artifacts.put(strange, 'output', chunks('x'))).rejects.toThrow(TypeError);
    });
  });
};
