/** A run's events: as pages, and as a stream that replays, follows, ends after the last event, and can be cut anywhere. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EventView } from '../../src/api/event-schemas.ts';
import { schemas } from '../../src/api/schemas.ts';
import type { RunId } from '../../src/core/ids.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';
import { openStream } from './bench/read-stream.ts';

let bench: Bench;
let url: string;
const stopping = new AbortController();
beforeAll(async () => {
  bench = await openBench({ stopping: stopping.signal });
  ({ url } = await bench.listen());
});
afterAll(() => bench.close());

const running = async (): Promise<RunId> => {
  const { id } = await readJson<{ id: RunId }>(await bench.call('POST', '/runs', { prompt: 'p' }));
  await bench.start(id);
  return id;
};
const finished = async (): Promise<RunId> => {
  const id = await running();
  await bench.say(id, 'one', 'two\nwith a break\u2028', 'three');
  await bench.finish(id);
  return id;
};
const addressOf = (id: RunId, query = ''): string => `/runs/${id}/events${query}`;
const pageOf = async (id: RunId, query = '') =>
  readJson<{ data: EventView[]; nextPage: string | null }>(await bench.call('GET', addressOf(id, query)));
/** Nobody follows a run any more: neither the follower nor the reader's watch is asleep. */
const allGone = () => vi.waitFor(() => expect(bench.clock.sleepers(0)).toBe(0));

describe('as pages', () => {
  it('gives them in order, after a seq, so many at once', async () => {
    const id = await finished();
    const { data, nextPage } = await pageOf(id);
    expect(nextPage).toBeNull();
    expect(data.map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'run.queued'],
      [2, 'run.starting'],
      [3, 'run.running'],
      [4, 'log'],
      [5, 'log'],
      [6, 'log'],
      [7, 'run.succeeded'],
    ]);
    expect(schemas.Event.safeParse(data.at(-1)).error).toBeUndefined();
    const seen: EventView[] = [];
    let page: string | null = '0';
    while (page !== null) {
      const answer: Awaited<ReturnType<typeof pageOf>> = await pageOf(id, `?limit=3&page=${page}`);
      expect(answer.data.length).toBeLessThanOrEqual(3);
      seen.push(...answer.data);
      page = answer.nextPage;
    }
    expect(seen).toEqual(data);
    expect((await pageOf(id, '?after=5')).data).toEqual(data.slice(5));
    expect(await pageOf(id, '?after=99')).toEqual({ data: [], nextPage: null });
  });

  it.each([
    undefined,
    '*/*',
    'application/json',
    'text/html',
    'text/event-stream;q=0',
    'text/event-stream;q=0.5, application/json',
  ])('gives JSON to who accepts %s', async (accept) => {
    const headers: Record<string, string> = accept === undefined ? {} : { accept };
    const response = await bench.call('GET', addressOf(await finished()), undefined, headers);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('vary')).toBe('accept');
  });

  it.each([
    ['?after=-1', 'after', 'must be the seq of an event, or 0'],
    ['?after=x', 'after', 'must be the seq of an event, or 0'],
    ['?after=1&page=1', 'page', 'cannot be given together with after'],
  ])('refuses %s', async (query, name, message) => {
    const response = await bench.call('GET', addressOf(await finished(), query));
    await expectProblem(response, {
      code: 'invalid_request',
      detail: `${name} ${message}.`,
      errors: [[name, message]],
    });
  });
});

describe('as a stream', () => {
  it.each([
    ['GET', '', {}],
    ['HEAD', '', {}],
    ['GET', '?after=6', { 'accept-encoding': 'gzip, br' }],
    ['GET', '?after=7', {}],
    ['GET', '?after=0', { 'last-event-id': '7' }],
    ['GET', '', { connection: 'close' }],
    ['GET', '', { accept: 'text/event-stream, */*;q=0.1' }],
  ])('of a run that is over ends by itself: %s %s %o', async (method, query, headers) => {
    const response = await fetch(url + addressOf(await finished(), query), {
      method,
      headers: { accept: 'text/event-stream', ...headers },
    });
    const text = await response.text();
    if (response.status === 200 && method === 'GET') expect(text).toMatch(/id: 7\nevent: run\.succeeded\n[^\n]*\n\n$/);
    else expect(text).toBe('');
    await allGone();
  });

  it('has the headers that keep others from holding it back', async () => {
    const stream = await openStream(url + addressOf(await finished()));
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    await stream.rest();
  });

  it('can be cut after any event and resumed without loss or repetition, by header and by query', async () => {
    const id = await finished();
    const { data } = await pageOf(id);
    for (let cut = 0; cut < data.length; cut += 1) {
      for (const [query, headers] of [
        ['', { 'last-event-id': String(cut) }],
        [`?after=${cut}`, {}],
        ['?after=0', { 'last-event-id': String(cut) }],
      ] as const) {
        const stream = await openStream(url + addressOf(id, query), headers);
        const [hello, ...frames] = await stream.rest();
        expect(hello?.comment).toBe('connected');
        expect(frames.map((frame) => frame.data)).toEqual(data.slice(cut));
        expect(frames.map((frame) => [frame.id, frame.event])).toEqual(
          data.slice(cut).map(({ seq, type }) => [seq, type]),
        );
      }
    }
  });

  it('follows a run, ends after the last event, and can be left and resumed in between', async () => {
    const id = await running();
    const first = await openStream(url + addressOf(id));
    for (const comment of ['connected', null, null, null]) expect((await first.next()).comment).toBe(comment);
    await bench.say(id, 'a');
    expect(await first.next()).toMatchObject({ id: 4, event: 'log', data: { data: { text: 'a' } } });
    first.leave();
    await bench.say(id, 'b');
    const second = await openStream(url + addressOf(id), { 'last-event-id': '4' });
    await second.next();
    expect(await second.next()).toMatchObject({ id: 5 });
    await bench.say(id, 'c');
    await bench.finish(id);
    expect((await second.rest()).map((frame) => [frame.id, frame.event])).toEqual([
      [6, 'log'],
      [7, 'run.succeeded'],
    ]);
    await allGone();
  });

  it('carries pieces of messages without an id', async () => {
    const id = await running();
    const stream = await openStream(url + addressOf(id, '?after=3'));
    expect((await stream.next()).comment).toBe('connected');
    const delta = { messageId: 'm', kind: 'text', text: 'Hel' } as const;
    await vi.waitFor(() => expect(bench.clock.sleepers(1_000)).toBeGreaterThan(1));
    bench.engine.notifier.delta(id, delta);
    const data = { type: 'delta', data: delta };
    expect(await stream.next()).toEqual({ id: null, event: 'delta', data, comment: null });
    expect(schemas.Delta.strict().safeParse(data).error).toBeUndefined();
    stream.leave();
    await allGone();
  });

  it('says every 15 seconds that the line is alive', async () => {
    const stream = await openStream(url + addressOf(await running(), '?after=3'));
    expect((await stream.next()).comment).toBe('connected');
    for (let time = 0; time < 3; time += 1) {
      await vi.waitFor(() => expect(bench.clock.sleepers(1_000)).toBeGreaterThan(1));
      bench.clock.advance(15_000);
      expect((await stream.next()).comment).toBe('ping');
    }
    stream.leave();
    await allGone();
  });

  it('says that nothing is left to come with 204, so that a browser does not connect again', async () => {
    const id = await finished();
    const stream = await openStream(url + addressOf(id), { 'last-event-id': '7' });
    expect(stream.response.status).toBe(204);
  });

  it.each(['abc', '-1', '1.5'])('refuses the Last-Event-ID %s', async (value) => {
    const headers = { accept: 'text/event-stream', 'last-event-id': value };
    const response = await bench.call('GET', addressOf(await finished()), undefined, headers);
    const message = 'must be the seq of an event, or 0';
    const errors = [['Last-Event-ID', message]] as const;
    await expectProblem(response, { code: 'invalid_request', detail: `Last-Event-ID ${message}.`, errors });
  });

  it('refuses to go on behind an event that there is not', async () => {
    const response = await bench.call('GET', addressOf(await running(), '?after=4'), undefined, {
      accept: 'text/event-stream',
    });
    const message = 'is beyond the newest event, which is 3';
    await expectProblem(response, {
      code: 'invalid_request',
      detail: `after ${message}.`,
      errors: [['after', message]],
    });
  });

  it('names the header, where the event that there is not comes from it', async () => {
    const headers = { accept: 'text/event-stream', 'last-event-id': '4' };
    const response = await bench.call('GET', addressOf(await running()), undefined, headers);
    const message = 'is beyond the newest event, which is 3';
    await expectProblem(response, {
      code: 'invalid_request',
      detail: `Last-Event-ID ${message}.`,
      errors: [['Last-Event-ID', message]],
    });
  });

  it('is not begun by HEAD', async () => {
    const response = await fetch(url + addressOf(await running()), {
      method: 'HEAD',
      headers: { accept: 'text/event-stream' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(bench.clock.sleepers(0)).toBe(0);
  });

  it('ends when the server stops, for the reader to go on elsewhere', async () => {
    const stream = await openStream(url + addressOf(await running()));
    for (let count = 0; count < 4; count += 1) await stream.next();
    stopping.abort();
    expect(await stream.rest()).toEqual([]);
    await allGone();
  });
});
