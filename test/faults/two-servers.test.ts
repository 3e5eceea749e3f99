/** Two servers over one database file: they share the runs, and one goes on alone when the other is killed. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leftoversOf } from '../support/server/leftovers.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { brokenPromises, submitTicking, TICKING } from '../support/server/ticking.ts';

const RUNS = 20;
/** Neither can drive all of them alone, so that both have some. */
const ENV = { SLIPWAY_CONCURRENCY: '12' };

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ scenarios: TICKING, env: ENV });
});
afterEach(() => stage.close());

it('end twenty runs once each, though one of the two is killed in the middle', async () => {
  const other = await stage.second();
  const ids = await Promise.all(Array.from({ length: RUNS }, (_, n) => submitTicking(stage, n)));
  // More runs are on their way than one server may drive: both are at it.
  const begun = async (): Promise<number> => {
    const runs = await Promise.all(ids.map((id) => stage.request('GET', `/runs/${id}`)));
    return runs.filter((answer) => answer.body.status !== 'queued').length;
  };
  await expect.poll(begun, { timeout: 60_000, interval: 200 }).toBeGreaterThan(Number(ENV.SLIPWAY_CONCURRENCY));
  await other.kill('SIGKILL');

  const broken: string[] = [];
  for (const [n, id] of ids.entries()) {
    broken.push(...(await brokenPromises(stage, n, await stage.finish(id, 120_000))));
  }
  expect(broken).toEqual([]);
  const { dataDir, pid } = stage.server();
  await expect.poll(() => leftoversOf(dataDir, ids, [pid]), { timeout: 10_000 }).toEqual([]);
}, 200_000);
