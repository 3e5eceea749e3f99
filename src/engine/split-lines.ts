/**
 * Cuts a byte stream into lines with bounded memory. A line that is too long keeps its beginning and says how much
 * was cut; the offset always stands behind the last whole line, so that reading can go on there.
 */
import type { OutputLine } from '../ports/harness.ts';

/** Long enough for the largest tool results that the CLI prints in one line (3 MB were seen). */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;
const LINE_FEED = 10;

export interface LineSplitter {
  /** Takes bytes, gives the lines that they complete. */
  push(bytes: Uint8Array): OutputLine[];
  /** At the end of the stream: what came after the last line break, if anything. */
  end(): OutputLine[];
  /** Bytes taken that belong to complete lines. */
  readonly consumed: number;
}

/** Lines of one stream, from byte `start` of it. */
export const createLineSplitter = (
  stream: 'stdout' | 'stderr',
  start: number,
  maxBytes: number = MAX_LINE_BYTES,
): LineSplitter => {
  const decoder = new TextDecoder('utf-8');
  let parts: Uint8Array[] = [];
  let held = 0;
  let cut = 0;
  let consumed = start;

  const keep = (bytes: Uint8Array): void => {
    const room = Math.max(0, maxBytes - held);
    if (room > 0 && bytes.length > 0) {
      const kept = bytes.length <= room ? bytes : bytes.subarray(0, room);
      // Copied, since the caller may use its buffer again.
      parts.push(kept.slice());
      held += kept.length;
    }
    cut += Math.max(0, bytes.length - room);
  };
  const take = (): OutputLine => {
    const whole = new Uint8Array(held);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    const line = { stream, text: decoder.decode(whole).replace(/\r$/, ''), cutBytes: cut };
    parts = [];
    held = 0;
    cut = 0;
    return line;
  };

  return {
    push: (bytes) => {
      const lines: OutputLine[] = [];
      let from = 0;
      for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, from)) {
        keep(bytes.subarray(from, end));
        consumed += held + cut + 1;
        lines.push(take());
        from = end + 1;
      }
      keep(bytes.subarray(from));
      return lines;
    },
    end: () => {
      if (held + cut === 0) return [];
      consumed += held + cut;
      return [take()];
    },
    get consumed() {
      return consumed;
    },
  };
};
