/** Reads what an execution prints: its two files, from an offset on, until it has ended and all was delivered. */
import { closeSync, fstatSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import type { Offset } from '../../core/run.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Exit, OutputChunk } from '../../ports/executor.ts';
import { openBell } from './bell.ts';
import { errorCode, type Place } from './place.ts';

const CHUNK_BYTES = 65_536;
const LOOK_MS = 100;
const STREAMS = ['stdout', 'stderr'] as const;
const readAt = promisify(read);

/**
 * Never holds more than one chunk, and has one buffer for all of them: new ones would be garbage that the collector of
 * V8 leaves lying until there are some 70 MB of it. An abandoned iterator gives back its files and its watch at once.
 */
export const readOutput = (
  place: Place,
  from: Offset,
  exit: () => Promise<Exit>,
  clock: Clock,
): AsyncIterable<OutputChunk> => ({
  [Symbol.asyncIterator]: () => {
    const bell = openBell(place, STREAMS, clock);
    const state = { ended: false, abandoned: false };
    void exit().then(() => {
      state.ended = true;
      bell.ring();
    });
    const chunks = chunksOf(place, from, state, () => bell.wait(LOOK_MS));
    const close = async (): Promise<IteratorResult<OutputChunk>> => {
      state.abandoned = true;
      // Without it, a `next` that waits for more would keep `return` waiting behind it.
      bell.ring();
      bell.close();
      await chunks.return(undefined);
      return { done: true, value: undefined };
    };
    return {
      next: async () => {
        const result = await chunks.next();
        if (result.done === true) bell.close();
        return result;
      },
      return: close,
    };
  },
});

async function* chunksOf(
  place: Place,
  from: Offset,
  state: { readonly ended: boolean; readonly abandoned: boolean },
  more: () => Promise<void>,
): AsyncGenerator<OutputChunk, undefined> {
  const files = new Map<string, number>();
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let offset = from;
  try {
    while (!state.abandoned) {
      // Looked at before the files: what was printed before the end is read after it.
      const last = state.ended;
      let read = 0;
      for (const stream of STREAMS) {
        const bytes = await readNext(place, stream, offset[stream], files, buffer);
        if (bytes === null) continue;
        read += bytes.length;
        offset = { ...offset, [stream]: offset[stream] + bytes.length };
        yield { stream, bytes, next: offset };
      }
      if (read > 0) continue;
      if (last) return;
      await more();
    }
  } finally {
    for (const file of files.values()) closeSync(file);
  }
}

const readNext = async (
  place: Place,
  stream: 'stdout' | 'stderr',
  position: number,
  files: Map<string, number>,
  buffer: Buffer,
): Promise<Uint8Array | null> => {
  const file = files.get(stream) ?? openOrNull(place.path(stream));
  if (file === null) return null;
  files.set(stream, file);
  // Asked again and again, and mostly in vain: too quick to leave the event loop for. Reading may wait for the disk.
  const { size } = fstatSync(file);
  if (size <= position) return null;
  const { bytesRead } = await readAt(file, buffer, 0, Math.min(buffer.length, size - position), position);
  return bytesRead === 0 ? null : buffer.subarray(0, bytesRead);
};

const openOrNull = (path: string): number | null => {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
};
