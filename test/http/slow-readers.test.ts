/** Readers that do not read, and sources that break: the connection goes, and what was missed can be read later. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { DomainError } from '../../src/core/errors.ts';
import type { RunId } from '../../src/core/ids.ts';
import type { Blob } from '../../src/ports/artifact-store.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';
import { openStream } from './bench/read-stream.ts';

const STALL_MS = 30_000;
let bench: Bench;
let port: number;
beforeAll(async () => {
  bench = await openBench({ streamStallMs: STALL_MS });
  ({ port } = await bench.listen());
});
afterAll(() => bench.close());

const running = async (): Promise<RunId> => {
  const { id } = await readJson<{ id: RunId }>(await bench.call('POST', '/runs', { prompt: 'p' }));
  await bench.start(id);
  return id;
};

const openSocket = async (id: RunId): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  await new Promise((done) => socket.once('connect', done));
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(`GET /runs/${id}/events HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n`);
  return socket;
};

it('drops a reader that does not read, after which it can go on from where it was', async () => {
  const id = await running();
  const large = 'x'.repeat(256 * 1024);
  // More than the kernel's buffers take.
  for (let count = 0; count < 60; count += 1) await bench.say(id, large);
  const socket = await openSocket(id);
  const dropped = () => bench.lines.filter(({ message }) => message.includes('does not read'));
  await vi.waitFor(
    () => {
      bench.clock.advance(STALL_MS);
      expect(dropped()).toHaveLength(1);
    },
    { timeout: 20_000, interval: 20 },
  );
  expect(dropped()[0]?.fields).toMatchObject({ runId: id });
  await vi.waitFor(() => expect(bench.clock.sleepers(0)).toBe(0));

  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const closed = new Promise((done) => socket.once('close', done));
  socket.resume();
  await closed;
  const frames = text.split('\n\n').slice(0, -1);
  const last = Number(/id: (\d+)/.exec(frames.at(-1) ?? '')?.[1]);
  expect(last).toBeLessThan(63);
  await bench.finish(id);
  const stream = await openStream(`http://127.0.0.1:${port}/runs/${id}/events`, { 'last-event-id': String(last) });
  const rest = (await stream.rest()).slice(1);
  expect(rest.map((frame) => frame.id)).toEqual(Array.from({ length: 64 - last }, (_, index) => last + 1 + index));
});

it('keeps a reader that waits for a quiet run', async () => {
  const id = await running();
  const stream = await openStream(`http://127.0.0.1:${port}/runs/${id}/events`, { 'last-event-id': '3' });
  expect((await stream.next()).comment).toBe('connected');
  for (let time = 0; time < 5; time += 1) {
    await vi.waitFor(() => expect(bench.clock.sleepers(1_000)).toBe(2));
    bench.clock.advance(STALL_MS);
    expect((await stream.next()).comment).toBe('ping');
  }
  stream.leave();
  await vi.waitFor(() => expect(bench.clock.sleepers(0)).toBe(0));
});

it('breaks the connection when the events cannot be read, so that nobody takes it for the end', async () => {
  const id = await running();
  const { engine } = bench;
  const events: typeof engine.stores.runs.events = async (run, after, limit) => {
    if (after > 0) throw new DomainError('store_unavailable', 'The database at /secret/path is locked.');
    return engine.stores.runs.events(run, after, limit);
  };
  const stores = { ...engine.stores, runs: { ...engine.stores.runs, events } };
  const { url } = await bench.listen({ engine: { ...engine, stores } });
  const stream = await openStream(`${url}/runs/${id}/events`);
  for (let count = 0; count < 4; count += 1) await stream.next();
  bench.engine.notifier.changed(id);
  await expect(stream.rest()).rejects.toThrow();
  expect(bench.lines.some(({ level, message }) => level === 'error' && message === 'a stream broke')).toBe(true);
});

it('breaks the connection when stored bytes cannot be read to their end', async () => {
  const id = await running();
  await bench.finish(id);
  const { engine } = bench;
  const blob: Blob = {
    size: 1_000,
    async *read() {
      yield new Uint8Array(10);
      throw new Error('disk');
    },
  };
  const { url } = await bench.listen({
    engine: { ...engine, artifacts: { ...engine.artifacts, get: async () => blob } },
  });
  const response = await fetch(`${url}/runs/${id}/output`);
  expect(response.headers.get('content-length')).toBe('1000');
  await expect(response.arrayBuffer()).rejects.toThrow();
  expect(bench.lines.some(({ message }) => message === 'stored bytes could not be read')).toBe(true);
});
