/** Reads the frames in a build's log object, which grows while the build runs. */
import { framesIn } from './hub.ts';
import type { Frame } from './runner/frame.ts';
import type { Google } from './transport.ts';

export interface LogReader {
  /** The next frames; empty when there is nothing new. `more`: the next call finds some at once. */
  next(): Promise<{ readonly frames: readonly Frame[]; readonly more: boolean }>;
}

const PIECE_BYTES = 1_048_576;

export const openLog = (google: Pick<Google, 'read'>, buildId: string, key: Uint8Array): LogReader => {
  const name = `logs/log-${buildId}.txt`;
  let position = 0;
  let rest = '';
  return {
    next: async () => {
      const bytes = await google.read(name, position, position + PIECE_BYTES - 1);
      if (bytes === null) return { frames: [], more: false };
      position += bytes.length;
      // A piece may cut a character of somebody else's text; frames have none that could be cut.
      const text = `${rest}${bytes.toString('latin1')}`;
      const end = text.lastIndexOf('\n');
      rest = text.slice(end + 1).slice(-PIECE_BYTES);
      return { frames: end < 0 ? [] : framesIn(key, text.slice(0, end)), more: bytes.length === PIECE_BYTES };
    },
  };
};
