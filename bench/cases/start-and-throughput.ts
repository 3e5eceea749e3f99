/** From the POST to the first instruction of the program, and runs a second, against the bare sandbox. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { followEvents } from '../../src/client/follow.ts';
import { sendJson } from '../../src/client/http.ts';
import { inParallel, median, ms, quantile, report, timed } from '../figures.ts';
import { PROGRAM } from '../no-op.ts';
import { openServerProcess } from '../server-process.ts';

const run = promisify(execFile);
export const SERVER = join(import.meta.dirname, '../no-op-server.ts');
const PARALLEL = 8;

/** All namespaces and a read-only system: what an isolated start costs when nobody manages it. */
export const BARE_SANDBOX = [
  'bwrap',
  ...['--unshare-all', '--die-with-parent', '--new-session', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev'],
  ...PROGRAM,
];

const nowMs = (): number => performance.timeOrigin + performance.now();
export const startOf = (nanoseconds: string): number => Number(nanoseconds.trim()) / 1e6;

const bareStart = async (): Promise<number> => {
  const asked = nowMs();
  const [program = '', ...args] = BARE_SANDBOX;
  const { stdout } = await run(program, args);
  return startOf(stdout) - asked;
};

/** Resolves with the milliseconds until the program ran. */
export const slipwayStart = async (url: string): Promise<number> => {
  const client = { url, key: null };
  const asked = nowMs();
  const { id } = await sendJson<{ id: string }>(client, 'POST', '/runs', { prompt: 'nothing' });
  for await (const heard of followEvents(client, id)) {
    if (heard.kind !== 'event' || heard.event.type !== 'run.succeeded') continue;
    const { result } = await sendJson<{ result: { text: string } }>(client, 'GET', `/runs/${id}`);
    return startOf(result.text) - asked;
  }
  throw new Error(`Run ${id} did not succeed.`);
};

export const startAndThroughput = async (): Promise<void> => {
  const count = 200;
  const server = await openServerProcess(SERVER, [String(PARALLEL)]);
  try {
    await inParallel(16, PARALLEL, () => slipwayStart(server.url));
    const bare: number[] = [];
    const through: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      let bareTook = 0;
      bareTook = await timed(async () => bare.push(...(await inParallel(count / 4, PARALLEL, bareStart))));
      const took = await timed(async () =>
        through.push(...(await inParallel(count / 4, PARALLEL, () => slipwayStart(server.url)))),
      );
      rates.push(bareTook / took);
      report(
        `  round ${round + 1}: bare sandboxes, runs`,
        `${rate(count / 4, bareTook)}/s, ${rate(count / 4, took)}/s`,
      );
    }
    for (const [name, share, goal] of [
      ['p50', 0.5, 10],
      ['p99', 0.99, 25],
    ] as const) {
      const [a, b] = [quantile(bare, share), quantile(through, share)];
      report(
        `POST → program, ${PARALLEL} at once, ${name}: bare, Slipway`,
        `${ms(a)}, ${ms(b)}`,
        `+${goal} ms (is +${ms(b - a)})`,
      );
    }
    report('runs a second against bare sandboxes a second', `× ${median(rates).toFixed(2)}`);
  } finally {
    await server.stop();
  }
};

const rate = (count: number, took: number): string => ((count / took) * 1_000).toFixed(0);
