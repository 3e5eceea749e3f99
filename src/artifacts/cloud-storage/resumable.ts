/**
 * Uploads by Cloud Storage's resumable protocol, piece by piece: one piece is in memory at a time, a piece that was lost
 * is sent again, and there is no object before the last piece has arrived. The official client's own upload is not used:
 * it waits for ever when its source breaks off.
 */
import { statusOf } from './retry.ts';

/** A request to Cloud Storage; resolves with every answer, whatever its status. */
export type Send = (request: {
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}) => Promise<{ readonly status: number; header(name: string): string | null }>;

/** A multiple of 256 KiB, as the protocol wants it. */
const PIECE_BYTES = 4_194_304;

/** Cuts a source into pieces of one size; the last one may be shorter, and empty. */
async function* piecesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<{ bytes: Uint8Array; last: boolean }> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of content) {
    // A source may use its buffer again.
    parts.push(Uint8Array.from(bytes));
    size += bytes.length;
    while (size > PIECE_BYTES) {
      const all = Buffer.concat(parts);
      yield { bytes: all.subarray(0, PIECE_BYTES), last: false };
      parts = [all.subarray(PIECE_BYTES)];
      size -= PIECE_BYTES;
    }
  }
  yield { bytes: Buffer.concat(parts), last: true };
}

/** Writes or replaces an object. Resolves with its size in bytes. `repeat` tries again what may succeed later. */
export const upload = async (
  send: Send,
  repeat: <Result>(act: () => Promise<Result>) => Promise<Result>,
  address: string,
  content: AsyncIterable<Uint8Array>,
): Promise<number> => {
  const session = await repeat(async () => {
    const answer = await send({ url: address, method: 'POST', headers: { 'content-length': '0' }, body: '' });
    const location = answer.header('location');
    if (answer.status !== 200 || location === null) throw statusOf(answer.status);
    return location;
  });
  let sent = 0;
  try {
    for await (const { bytes, last } of piecesOf(content)) {
      await sendPiece(send, repeat, session, { bytes, at: sent, last });
      sent += bytes.length;
    }
    return sent;
  } catch (error) {
    // Otherwise the pieces would lie there for a week.
    await send({ url: session, method: 'DELETE', headers: { 'content-length': '0' }, body: '' }).catch(() => undefined);
    throw error;
  }
};

interface Piece {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly last: boolean;
}

type Answer = Awaited<ReturnType<Send>>;

const RESUME = 308;

const isDone = ({ status }: Answer): boolean => status === 200 || status === 201;

/** How many bytes of the object the service says that it has. */
const keptOf = (answer: Answer): number => Number(/-(\d+)$/.exec(answer.header('range') ?? '')?.[1] ?? -1) + 1;

/** The service may keep less of a piece than it was sent: what is missing is sent again, as after a lost answer. */
const sendPiece = (
  send: Send,
  repeat: <Result>(act: () => Promise<Result>) => Promise<Result>,
  session: string,
  { bytes, at, last }: Piece,
): Promise<void> => {
  const end = at + bytes.length;
  const total = last ? String(end) : '*';
  let from = at;
  let asks = false;
  return repeat(async () => {
    if (asks) {
      const state = await send({
        url: session,
        method: 'PUT',
        headers: { 'content-range': `bytes */${total}` },
        body: '',
      });
      if (isDone(state)) return;
      if (state.status !== RESUME) throw statusOf(state.status);
      from = Math.min(end, Math.max(at, keptOf(state)));
    }
    asks = true;
    const rest = bytes.subarray(from - at);
    const range = rest.length === 0 ? `bytes */${total}` : `bytes ${from}-${end - 1}/${total}`;
    const answer = await send({ url: session, method: 'PUT', headers: { 'content-range': range }, body: rest });
    const isWhole = last ? isDone(answer) : answer.status === RESUME && keptOf(answer) >= end;
    if (!isWhole) throw statusOf(answer.status);
  });
};
