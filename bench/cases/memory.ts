/** The server's memory before and after many runs. */
import { join } from 'node:path';
import { followEvents } from '../../src/client/follow.ts';
import { sendJson } from '../../src/client/http.ts';
import { inParallel, report } from '../figures.ts';
import { openServerProcess } from '../server-process.ts';

const SERVER = join(import.meta.dirname, '../no-op-server.ts');

/** @param runs how many runs lie between the two looks */
export const memoryOverRuns = async (runs: number): Promise<void> => {
  const server = await openServerProcess(SERVER, ['8']);
  const client = { url: server.url, key: null };
  const mb = async () => (await server.memory()) / 2 ** 20;
  const one = async () => {
    const { id } = await sendJson<{ id: string }>(client, 'POST', '/runs', { prompt: 'nothing' });
    for await (const heard of followEvents(client, id)) if (heard.kind !== 'event') break;
  };
  try {
    const idle = await mb();
    report('memory when idle', `${idle.toFixed(0)} MB`, '≤ 100 MB');
    const step = Math.ceil(runs / 4);
    for (let done = step; done <= runs; done += step) {
      await inParallel(step, 8, one);
      report(`memory after ${done} runs`, `${(await mb()).toFixed(0)} MB`, 'flat');
    }
  } finally {
    await server.stop();
  }
};
