/**
 * Cuts a byte stream into lines with bounded memory. A line that is too long keeps its beginning and says how much
 * was cut; the offset always stands behind the last whole line, so that reading can go on there.
 */
import type { OutputLine } from '../ports/harness.ts';

/** Long enough for the largest tool results that the CLI prints in one line (3 MB were seen). */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;
const LINE_FEED = 10;
/** The buffer of a line grows by doubling, and is given back after a line that was larger than most. */
const SMALLEST_BUFFER = 4 * 1024;
const LARGEST_KEPT = 256 * 1024;

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
  let buffer = new Uint8Array(Math.min(SMALLEST_BUFFER, maxBytes));
  let held = 0;
  let cut = 0;
  let consumed = start;

  const keep = (bytes: Uint8Array): void => {
    const kept = bytes.subarray(0, maxBytes - held);
    if (held + kept.length > buffer.length) {
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(2 * buffer.length, held + kept.length)));
      larger.set(buffer.subarray(0, held));
      buffer = larger;
    }
    // Copied, since the caller may use its buffer again.
    buffer.set(kept, held);
    held += kept.length;
    cut += bytes.length - kept.length;
  };
  const take = (): OutputLine => {
    const line = { stream, text: decoder.decode(buffer.subarray(0, held)).replace(/\r$/, ''), cutBytes: cut };
    if (buffer.length > LARGEST_KEPT) buffer = new Uint8Array(Math.min(SMALLEST_BUFFER, maxBytes));
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
