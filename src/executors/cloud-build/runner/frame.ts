/**
 * Frames: how output stands in a build's log, and in a posted batch. A log is a place where everybody prints, and a
 * step can even replace its object, so each frame is signed with a key that the program in the place cannot read:
 *
 *   slipway1 <o|e|end> <offset> <base64 of the bytes> <signature>
 *
 * The offset counts the stream's bytes, so frames may come twice, late, or by different ways.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Frame {
  readonly stream: 'stdout' | 'stderr' | 'end';
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Bytes of output in one frame at most. */
export const FRAME_BYTES = 12_288;

const MARK = 'slipway1';
const CODES = { stdout: 'o', stderr: 'e', end: 'end' } as const;
const STREAMS: Readonly<Record<string, Frame['stream']>> = { o: 'stdout', e: 'stderr', end: 'end' };
const FRAME = /slipway1 (o|e|end) (\d{1,15}) ([A-Za-z0-9+/=]*) ([A-Za-z0-9_-]{43})\s*$/;

/** Signature of any text, with its purpose in front of it. */
export const sign = (key: Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url');

/** Takes the same time wherever the two differ. */
export const isSame = (a: string, b: string): boolean => {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
};

/** A line without its line break. */
export const encodeFrame = (key: Uint8Array, { stream, offset, bytes }: Frame): string => {
  const body = `${MARK} ${CODES[stream]} ${offset} ${Buffer.from(bytes).toString('base64')}`;
  return `${body} ${sign(key, body)}`;
};

/** The frame at the end of a line, whatever Cloud Build wrote in front of it; null for any other line. */
export const decodeFrame = (key: Uint8Array, line: string): Frame | null => {
  const found = FRAME.exec(line);
  if (found === null) return null;
  const [, code = '', offset = '', data = '', signature = ''] = found;
  const stream = STREAMS[code];
  if (stream === undefined || !isSame(sign(key, `${MARK} ${code} ${offset} ${data}`), signature)) return null;
  return { stream, offset: Number(offset), bytes: Buffer.from(data, 'base64') };
};
