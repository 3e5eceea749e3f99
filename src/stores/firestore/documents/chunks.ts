/** A run's events, many in one document: each document is paid for, and an event of its own would be small. */
import type { RunEvent } from '../../../core/events.ts';
import type { RunId } from '../../../core/ids.ts';
import { decodeEvents } from '../codec.ts';
import type { Change, Connection } from '../connection.ts';
import { INLINE_BYTES, layOut, readText } from './long-text.ts';

/** What the chunks of one commit may hold themselves; what is beyond goes into pieces. The request's limit is 10 MiB. */
const COMMIT_BYTES = 4 * 1024 * 1024;
const FIRST_READ = 4;
const LARGEST_READ = 32;
/** Enough digits for every number, so that names sort as numbers do. */
const DIGITS = 10;

const chunksOf = (id: RunId): string => `runs/${id}/chunks`;

interface Packed {
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

const pack = (events: readonly RunEvent[]): Packed[] => {
  const packed: Packed[] = [];
  let open: { first: number; last: number; texts: string[]; bytes: number } | null = null;
  const close = (): void => {
    if (open !== null) packed.push({ first: open.first, last: open.last, text: `[${open.texts.join(',')}]` });
    open = null;
  };
  for (const event of events) {
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text) + 1;
    if (open !== null && open.bytes + bytes > INLINE_BYTES - 1) close();
    open ??= { first: event.seq, last: event.seq, texts: [], bytes: 1 };
    open.texts.push(text);
    open.bytes += bytes;
    open.last = event.seq;
  }
  close();
  return packed;
};

/** The changes that write events, and those that have to be written before. */
export const layOutEvents = (id: RunId, events: readonly RunEvent[]) => {
  const chunks: Change[] = [];
  const pieces: Change[] = [];
  let room = COMMIT_BYTES;
  for (const { first, last, text } of pack(events)) {
    const laid = layOut(`runs/${id}`, text, Math.min(INLINE_BYTES, room));
    if (typeof laid.field === 'string') room -= Buffer.byteLength(text);
    pieces.push(...laid.pieces);
    const name = String(first).padStart(DIGITS, '0');
    // The name is the first number: a chunk that would tell an event again is refused.
    chunks.push({ kind: 'create', path: `${chunksOf(id)}/${name}`, fields: { last, events: laid.field } });
  }
  return { chunks, pieces };
};

/** Events after `after`, in order, at most `limit`, and none further once their data has `maxChars` characters. */
export const readEvents = async (
  connection: Connection,
  id: RunId,
  after: number,
  limit: number,
  maxChars: number,
): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  let chars = 0;
  let last = after;
  for (let most = FIRST_READ; events.length < limit; most = Math.min(2 * most, LARGEST_READ)) {
    const found = await connection.find({
      collection: chunksOf(id),
      where: [['last', '>', last]],
      orderBy: [['last', 'asc']],
      limit: most,
    });
    for (const { fields } of found) {
      const text = await readText(connection, `runs/${id}`, fields, 'events');
      for (const event of decodeEvents(text)) {
        if (event.seq <= after) continue;
        events.push(event);
        if (Number.isFinite(maxChars)) chars += JSON.stringify(event.data).length;
        if (chars >= maxChars || events.length === limit) return events;
      }
    }
    if (found.length < most) break;
    last = events.at(-1)?.seq ?? last;
  }
  return events;
};
