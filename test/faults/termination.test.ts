/** SIGTERM of the server in mid-run: it leaves soon, its runs go on, and the next server ends them. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leftoversOf } from '../support/server/leftovers.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { brokenPromises, submitTicking, TICKING } from '../support/server/ticking.ts';

const RUNS = 5;
/** The server promises to be gone by then, whatever its runs do. */
const LEAVES_WITHIN_MS = 10_000;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ scenarios: TICKING });
});
afterEach(() => stage.close());

const eventsOf = async (id: string): Promise<string> =>
  JSON.stringify((await stage.request('GET', `/runs/${id}/events?limit=200`)).body.data);

/** Text until the connection ends, in whatever way. */
const readToTheEnd = async (response: Response): Promise<string> => {
  let text = '';
  try {
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString();
  } catch {
    // The server went away, which is what this is about.
  }
  return text;
};

it('hands its runs over, and each ends with the next server, as the attempt that it was', async () => {
  const ids = await Promise.all(Array.from({ length: RUNS }, (_, n) => submitTicking(stage, n)));
  // In the middle of a tool call of the first, and wherever the others are.
  await expect.poll(() => eventsOf(ids[0] ?? ''), { timeout: 60_000 }).toContain('agent.tool_use');
  const askedAt = Date.now();
  await stage.server().kill('SIGTERM');
  expect(Date.now() - askedAt).toBeLessThan(LEAVES_WITHIN_MS);

  // The agents have not noticed: one of them at least is alive while no server is.
  const { dataDir } = stage.server();
  expect(leftoversOf(dataDir, ids, []).filter((line) => line.startsWith('process'))).not.toEqual([]);

  await stage.restart();
  const broken: string[] = [];
  for (const [n, id] of ids.entries()) broken.push(...(await brokenPromises(stage, n, await stage.finish(id))));
  expect(broken).toEqual([]);
  const { pid } = stage.server();
  await expect.poll(() => leftoversOf(dataDir, ids, [pid]), { timeout: 10_000 }).toEqual([]);
}, 150_000);

it('leaves within ten seconds while a client follows a run, which ends with the next server', async () => {
  const id = await submitTicking(stage, 0);
  const following = await fetch(new URL(`/runs/${id}/events`, stage.server().url), {
    headers: { accept: 'text/event-stream' },
  });
  const streamed = readToTheEnd(following);
  await expect.poll(() => eventsOf(id), { timeout: 60_000 }).toContain('run.running');
  const askedAt = Date.now();
  await stage.server().kill('SIGTERM');
  expect(Date.now() - askedAt).toBeLessThan(LEAVES_WITHIN_MS);
  // What it was told is true: the run has not ended.
  const told = await streamed;
  expect(told).toContain('run.queued');
  expect(told).not.toMatch(/run\.(succeeded|failed|timed_out|cancelled)/);

  await stage.restart();
  expect(await brokenPromises(stage, 0, await stage.finish(id))).toEqual([]);
}, 120_000);
