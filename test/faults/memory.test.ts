/**
 * What the server's memory grows to does not depend on how much is printed. Each case compares two sizes in one process:
 * the peak of the large one may be no more than `SLACK_MB` above that of the small one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/server/stage.ts';

const PRINTING = join(import.meta.dirname, '../support/server/printing-server.ts');
const LIMITS = { maxOutputBytes: 1_000_000_000, timeoutSeconds: 600 };
/** As the command line starts it. */
const ENV = { NODE_OPTIONS: '--max-semi-space-size=2' };
const SMALL_MB = 4;
/** Garbage: half of what lives, some 30 MB, and what is allocated while a collection goes on. What held the output would go on. */
const SLACK_MB = 100;
const LONG_MS = 240_000;

let stage: Stage | undefined;
afterEach(async () => stage?.close());

/** Megabytes that the server had at most since `forgetPeak`. */
const peakMb = (): number => {
  const status = readFileSync(`/proc/${stage?.server().pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_000;
};
const forgetPeak = (): void => writeFileSync(`/proc/${stage?.server().pid}/clear_refs`, '5');

/** Peaks of the memory while `work` prints a little, and, after that, while it prints `largeMb`. */
const peaks = async (
  largeMb: number,
  work: (mb: number) => Promise<void>,
): Promise<{ small: number; large: number }> => {
  const peak = async (mb: number): Promise<number> => {
    forgetPeak();
    await work(mb);
    return peakMb();
  };
  return { small: await peak(SMALL_MB), large: await peak(largeMb) };
};

/** Follows a run by a connection that takes nothing from the socket. */
const followWithoutReading = async (url: string, id: string): Promise<{ leave(): void }> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise((done) => socket.once('connect', done));
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(`GET /runs/${id}/events HTTP/1.1\r\nhost: ${hostname}\r\naccept: text/event-stream\r\n\r\n`);
  return { leave: () => socket.destroy() };
};

it(
  'one large answer, through the gateway and to a reader, costs no more memory than a small one',
  async () => {
    stage = await openStage({ env: ENV });
    const { submit, finish, server } = stage;
    const { small, large } = await peaks(60, async (mb) => {
      const id = await submit(`[[demo:huge]] ${mb}000000`, { limits: LIMITS });
      const response = await fetch(`${server().url}/runs/${id}/events`, { headers: { accept: 'text/event-stream' } });
      let bytes = 0;
      for await (const chunk of response.body ?? []) bytes += chunk.length;
      expect(bytes).toBeGreaterThan(mb * 1_000_000);
      expect((await finish(id, LONG_MS)).run.status).toBe('succeeded');
    });
    expect(large).toBeLessThan(small + SLACK_MB);
  },
  LONG_MS,
);

it(
  '200 readers that do not read cost no more memory for much output than for little',
  async () => {
    stage = await openStage({ env: ENV });
    const { submit, finish, server } = stage;
    const { small, large } = await peaks(60, async (mb) => {
      const id = await submit(`[[demo:huge]] ${mb}000000`, { limits: LIMITS });
      const readers = await Promise.all(Array.from({ length: 200 }, () => followWithoutReading(server().url, id)));
      expect((await finish(id, LONG_MS)).run.status).toBe('succeeded');
      for (const reader of readers) reader.leave();
    });
    expect(large).toBeLessThan(small + SLACK_MB);
  },
  LONG_MS,
);

it(
  'a program that prints 400 MB at once costs no more memory than one that prints little',
  async () => {
    stage = await openStage({ env: ENV, main: PRINTING });
    const { submit, request, server } = stage;
    const { small, large } = await peaks(400, async (mb) => {
      const id = await submit(String(mb), { limits: LIMITS });
      const response = await fetch(`${server().url}/runs/${id}/events`, { headers: { accept: 'text/event-stream' } });
      let bytes = 0;
      for await (const chunk of response.body ?? []) bytes += chunk.length;
      expect(bytes).toBeGreaterThan(mb * 1_000_000);
      expect((await request('GET', `/runs/${id}`)).body.error).toMatchObject({ code: 'no_result' });
    });
    expect(large).toBeLessThan(small + SLACK_MB);
  },
  LONG_MS,
);
