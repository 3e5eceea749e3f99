/** When events are committed where each commit is paid for. */
import { afterEach, expect, it } from 'vitest';
import { FRUGAL_PACE } from '../../src/engine/deps.ts';
import { followRun } from '../../src/engine/follow-run.ts';
import { createWorker } from '../../src/engine/worker.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

let world: World;
afterEach(() => world.close());

/** Milliseconds from the first line to the commit of each. */
const commits = async (watched: boolean): Promise<number[]> => {
  world = await openWorld(() => [
    { wait: 5_000 },
    { print: 'say one' },
    { wait: 300 },
    { print: 'say two' },
    { wait: 300 },
    { print: 'say three' },
    { wait: 5_000 },
    { print: 'say four' },
    { wait: 30_000 },
    { print: 'done all' },
    { exit: 0 },
  ]);
  const { drive, clock } = world;
  const worker = createWorker({ ...drive, pace: FRUGAL_PACE }, 1);
  const began = clock.now();
  const { id } = await world.submit();
  worker.start();
  const over = new AbortController();
  const follow = async (): Promise<void> => {
    for await (const _ of followRun(drive, id, 0, over.signal));
  };
  const following = watched ? follow() : Promise.resolve();
  const { events } = await world.finish(id);
  over.abort();
  await Promise.all([following, worker.stop()]);
  return events.filter(({ type }) => type === 'agent.message').map(({ at }) => at - began - 5_000);
};

/** Looks at simulated output are 10 ms apart. */
const about = (times: readonly number[]): number[] => times.map((time) => Math.round(time / 100) * 100);

it('is at once after a silence, and at most once a second, while somebody follows', async () => {
  expect(about(await commits(true))).toEqual([0, 1_000, 1_000, 5_600]);
});

it('is when much has gathered, while nobody does', async () => {
  expect(about(await commits(false))).toEqual([20_000, 20_000, 20_000, 20_000]);
});
