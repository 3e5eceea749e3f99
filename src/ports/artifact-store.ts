/** Bytes that a run leaves behind: its files, its raw output, its transcript. Named by us, never by an agent. */
import type { RunId } from '../core/ids.ts';

export interface Blob {
  readonly size: number;
  /** The bytes from `start` on (0 when left out), streamed. */
  read(start?: number): AsyncIterable<Uint8Array>;
}

export interface ArtifactStore {
  /**
   * Writes or replaces a blob, all or nothing. `name` matches `[a-z0-9._-]+`. Returns its size in bytes.
   * A piece of `content` is good until the next one is asked for.
   */
  put(run: RunId, name: string, content: AsyncIterable<Uint8Array>): Promise<number>;
  get(run: RunId, name: string): Promise<Blob | null>;
  /** Removes all blobs of a run. Idempotent. */
  remove(run: RunId): Promise<void>;
}
