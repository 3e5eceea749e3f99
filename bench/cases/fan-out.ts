/** Event committed → event at an SSE client, with 200 clients on one run. */
import { join } from 'node:path';
import { followEvents } from '../../src/client/follow.ts';
import { sendJson } from '../../src/client/http.ts';
import { ms, quantile, report } from '../figures.ts';
import { STAY } from '../no-op.ts';
import { openServerProcess } from '../server-process.ts';

const WATCHERS = 200;
const RUNS = 5;
const SERVER = join(import.meta.dirname, '../no-op-server.ts');

/** The clock of an event has whole milliseconds, so a figure is up to one too large. */
export const fanOut = async (): Promise<void> => {
  const server = await openServerProcess(SERVER, ['1']);
  const client = { url: server.url, key: null };
  const late: number[] = [];
  try {
    for (let round = 0; round < RUNS; round += 1) {
      // One place at a time: the run that is watched is queued behind another, which ends when all watchers are there.
      const first = await sendJson<{ id: string }>(client, 'POST', '/runs', { prompt: STAY });
      const { id } = await sendJson<{ id: string }>(client, 'POST', '/runs', { prompt: 'nothing' });
      let gathered = 0;
      const watch = async () => {
        for await (const heard of followEvents(client, id)) {
          if (heard.kind !== 'event' || heard.event.at === null) continue;
          if (heard.event.seq !== 1) {
            late.push(performance.timeOrigin + performance.now() - Date.parse(heard.event.at));
            continue;
          }
          gathered += 1;
          if (gathered === WATCHERS) await sendJson(client, 'POST', `/runs/${first.id}/cancel`);
        }
      };
      await Promise.all(Array.from({ length: WATCHERS }, watch));
    }
  } finally {
    await server.stop();
  }
  report(
    `event → ${WATCHERS} watchers, p50, p99`,
    `${ms(quantile(late, 0.5))}, ${ms(quantile(late, 0.99))}`,
    'p99 ≤ 20 ms',
  );
};
