/** The body of a request on its way to the model, a piece at a time. */
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { REFUSALS, RefusedError } from './refusal.ts';

/**
 * Sends `from` to `to`, as fast as `to` takes it, but for its last piece, which follows when `beforeLast` allows it: a
 * request without its last bytes is answered by nobody. Throws a `RefusedError` when it is too large, and whatever
 * `inspect` and `beforeLast` throw; `to` is then unfinished, which no server answers as if it were whole.
 */
export const sendBody = async (
  from: IncomingMessage,
  to: ClientRequest,
  maxBytes: number,
  inspect: (bytes: Uint8Array) => void,
  beforeLast: (totalBytes: number) => Promise<void>,
): Promise<void> => {
  let size = 0;
  let held: Buffer | null = null;
  // The connection stays open when the loop is left: there is an answer to give.
  for await (const piece of from.iterator({ destroyOnReturn: false })) {
    const bytes: Buffer = piece;
    size += bytes.length;
    if (size > maxBytes) throw new RefusedError(REFUSALS.tooLarge(maxBytes));
    inspect(bytes);
    if (to.destroyed) return;
    if (held !== null && !to.write(held)) await takesMore(to);
    held = bytes;
  }
  await beforeLast(size);
  if (to.destroyed) return;
  if (held !== null) to.write(held);
  to.end();
};

const takesMore = async (to: ClientRequest): Promise<void> => {
  const abort = new AbortController();
  const { signal } = abort;
  try {
    await Promise.race([once(to, 'drain', { signal }), once(to, 'close', { signal })]);
  } finally {
    abort.abort();
  }
};
