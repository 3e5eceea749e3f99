/** Follows the program's two output files and tells of what is new in frames: in the log, and to the server. */
import { closeSync, openSync, readSync } from 'node:fs';
import { encodeFrame, FRAME_BYTES, type Frame } from './frame.ts';
import type { JobFile } from './job-file.ts';
import type { PlaceSecrets } from './secrets.ts';

export interface Tail {
  /** Tells what is new. */
  tick(): Promise<void>;
  /** Tells the rest, and that no more will come. */
  finish(): Promise<void>;
}

/** More than this a second is not told live: the whole of it is uploaded at the end. */
const TICK_BYTES = 1_048_576;
/** A log of this size is not written any further. */
const LOG_BYTES = 16_777_216;
const POST_TIMEOUT_MS = 3_000;
/** After a failure the server is left alone for so many ticks. */
const PAUSE_TICKS = 10;

export const openTail = (
  { liveUrl }: JobFile,
  secrets: PlaceSecrets,
  paths: { readonly stdout: string; readonly stderr: string },
): Tail => {
  const key = Buffer.from(secrets.key, 'base64');
  const streams = (['stdout', 'stderr'] as const).map((stream) => ({
    stream,
    descriptor: openSync(paths[stream], 'r'),
    offset: 0,
  }));
  let logged = 0;
  let pause = 0;

  const post = async (lines: readonly string[]): Promise<void> => {
    if (liveUrl === null) return;
    if (pause > 0) {
      pause -= 1;
      return;
    }
    try {
      const response = await fetch(liveUrl, {
        method: 'POST',
        headers: { authorization: `Bearer ${secrets.token}`, 'content-type': 'text/plain' },
        body: lines.map((line) => `${line}\n`).join(''),
        signal: AbortSignal.timeout(POST_TIMEOUT_MS),
      });
      await response.arrayBuffer();
      if (!response.ok) pause = PAUSE_TICKS;
    } catch {
      // The log has it, too.
      pause = PAUSE_TICKS;
    }
  };

  const tell = async (frames: readonly Frame[]): Promise<void> => {
    if (frames.length === 0) return;
    const lines = frames.map((frame) => encodeFrame(key, frame));
    const text = lines.map((line) => `${line}\n`).join('');
    logged += text.length;
    if (logged < LOG_BYTES || frames.some(({ stream }) => stream === 'end')) process.stdout.write(text);
    await post(lines);
  };

  const fresh = (): Frame[] => {
    const frames: Frame[] = [];
    for (const one of streams) {
      let room = TICK_BYTES;
      while (room > 0) {
        const buffer = Buffer.allocUnsafe(FRAME_BYTES);
        const count = readSync(one.descriptor, buffer, 0, FRAME_BYTES, one.offset);
        if (count === 0) break;
        frames.push({ stream: one.stream, offset: one.offset, bytes: buffer.subarray(0, count) });
        one.offset += count;
        room -= count;
      }
    }
    return frames;
  };

  return {
    tick: async () => tell(fresh()),
    finish: async () => {
      await tell([...fresh(), { stream: 'end', offset: 0, bytes: new Uint8Array() }]);
      for (const { descriptor } of streams) closeSync(descriptor);
    },
  };
};
