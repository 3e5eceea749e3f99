/**
 * What the server's memory grows by does not depend on how much is printed. Each case compares two sizes in one process:
 * after the small one, the large one may cost no more than `SLACK_MB` further.
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
/** What the collector leaves lying for a while differs by some 20 MB; what is held for good would be the whole output. */
const SLACK_MB = 60;
const LONG_MS = 240_000;

let stage: Stage | undefined;
afterEach(async () => stage?.close());

/** Megabytes that the server has (`VmRSS`), or had at most since `forgetPeak` (`VmHWM`). */
const memory = (name: 'VmRSS' | 'VmHWM'): number => {
  const status = readFileSync(`/proc/${stage?.server().pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_000;
};
const forgetPeak = (): void => writeFileSync(`/proc/${stage?.server().pid}/clear_refs`, '5');

/** How much the peak grows while `work` prints a little, and, after that, while it prints `largeMb`. */
const growth = async (
  largeMb: number,
  work: (mb: number) => Promise<void>,
): Promise<{ small: number; large: number }> => {
  const grows = async (mb: number): Promise<number> => {
    const before = memory('VmRSS');
    forgetPeak();
    await work(mb);
    return memory('VmHWM') - before;
  };
  return { small: await grows(SMALL_MB), large: await grows(largeMb) };
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
    const { small, large } = await growth(40, async (mb) => {
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
    const { small, large } = await growth(40, async (mb) => {
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
  'a program that prints 100 MB at once costs no more memory than one that prints little',
  async () => {
    stage = await openStage({ env: ENV, main: PRINTING });
    const { submit, finish } = stage;
    const { small, large } = await growth(100, async (mb) => {
      const { run, events } = await finish(await submit(String(mb), { limits: LIMITS }), LONG_MS);
      expect(run.error).toMatchObject({ code: 'no_result' });
      expect(events.filter(({ type }) => type === 'log').length).toBeGreaterThan(mb * 45);
    });
  expect(large).toBeLessThan(small + SLACK_MB);
  },
  LONG_MS,
);
