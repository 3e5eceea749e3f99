/** /runs/{runId}/events: one page as JSON, or the stream. */
import { encodeEvent } from '../../api/encode.ts';
import { refuse } from '../../api/faults.ts';
import { isSeq } from '../../api/query-schemas.ts';
import { runOperations as operations } from '../../api/run-operations.ts';
import { isTerminal, type Run } from '../../core/run.ts';
import { followRun } from '../../engine/follow-run.ts';
import { readRun } from '../../engine/read-run.ts';
import { type Bind, runIdOf, userOf } from '../bind.ts';
import type { HttpContext } from '../context.ts';
import type { HttpOptions } from '../options.ts';
import { sendEvents, wantsStream } from '../sse.ts';
import { streamOptions } from '../stream-options.ts';

/** Characters of events in one page, about: where they are large, a page has fewer than were asked for. */
const PAGE_CHARS = 4 * 1024 * 1024;

/** Where a stream begins, and which part of the request says so. */
interface Cursor {
  readonly after: number;
  readonly part: 'query' | 'header';
  readonly pointer: string;
}

/** The header goes before the query: a browser that reconnects sends its first address again, and the newer header. */
const cursorOf = (c: HttpContext, after: number): Cursor => {
  const header = c.req.header('last-event-id') ?? '';
  if (header === '') return { after, part: 'query', pointer: 'after' };
  if (isSeq(header)) return { after: Number(header), part: 'header', pointer: 'Last-Event-ID' };
  throw refuse('header', [{ pointer: 'Last-Event-ID', message: 'must be the seq of an event, or 0' }]);
};

const requireReached = (run: Run, { after, part, pointer }: Cursor): void => {
  if (after <= run.lastSeq) return;
  // Following from there would leave out events without a word.
  throw refuse(part, [{ pointer, message: `is beyond the newest event, which is ${run.lastSeq}` }]);
};

/** Binds the operations on events. */
export const bindRunEvents = (bind: Bind, options: HttpOptions): void => {
  const { engine } = options;

  const stream = (c: HttpContext, run: Run, cursor: Cursor): Response => {
    requireReached(run, cursor);
    const { after } = cursor;
    // 204 is what keeps a browser's EventSource from connecting again and again.
    if (isTerminal(run) && after === run.lastSeq) return c.body(null, 204);
    return sendEvents((signal) => followRun(engine, run.id, after, signal), streamOptions(c, options, run.id));
  };

  bind(operations.readEvents, async ({ c, query }) => {
    const run = await readRun(engine, userOf(c), runIdOf(c));
    const after = query.after ?? query.page ?? 0;
    if (wantsStream(c.req.header('accept'))) return stream(c, run, cursorOf(c, after));
    // One more than asked for tells whether this is the last page.
    const found = await engine.stores.runs.events(run.id, after, query.limit + 1, PAGE_CHARS);
    const data = found.slice(0, query.limit).map(encodeEvent);
    const last = data.at(-1)?.seq ?? after;
    const isLast = found.length === data.length && last >= run.lastSeq;
    const nextPage = isLast ? null : String(last);
    return c.json({ data, nextPage }, 200, { vary: 'accept' });
  });
};
