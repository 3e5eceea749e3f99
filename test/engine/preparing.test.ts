/** Runs whose place has to be prepared, which takes longer than a lease. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.ts';
import { cancelRun } from '../../src/engine/cancel-run.ts';
import { ALICE, task } from '../contracts/stores/fixtures.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld(() => [{ print: 'done' }, { exit: 0 }]);
});
afterEach(() => world.close());

const submit = async (...requiredPackages: string[]): Promise<RunId> =>
  (await world.submit({ task: task({ requiredPackages }) })).id;
const heard = (id: RunId) => world.stores.runs.events(id, 0, 100);
const preparing = async (id: RunId): Promise<void> =>
  world.clock.until(async () => (await heard(id)).some((event) => event.type === 'run.preparing'));

describe('a run that needs packages', () => {
  it('keeps its lease while they are installed, tells each step, and is given no part of the time as its own', async () => {
    const worker = world.spawn();
    worker.start();
    world.spawn().start();
    const id = await submit('pandas');
    const { run, events } = await world.finish(id);
    expect(run).toMatchObject({ attempt: 1, leaseToken: 1, state: { status: 'succeeded' } });
    const steps = events.flatMap((event) => (event.type === 'run.preparing' ? [event.data] : []));
    expect(steps).toEqual([
      { step: 'packages', status: 'started', detail: 'pandas', durationMs: null },
      { step: 'packages', status: 'done', detail: 'pandas', durationMs: 60_000 },
    ]);
    const begun = events.find((event) => event.type === 'run.running');
    expect(run.state).toMatchObject({ startedAt: begun?.at });
    expect((begun?.at ?? 0) - run.createdAt).toBeGreaterThanOrEqual(60_000);
  });

  it('fails with the message of the installer and its hint', async () => {
    world.spawn().start();
    const { run } = await world.finish(await submit('broken'));
    const failure = { code: 'packages_failed', message: 'No such package.', hint: 'Name another.' };
    expect(run.state).toMatchObject({ status: 'failed', startedAt: null, failure });
    expect(world.executor.starts.size).toBe(0);
  });

  it('is cancelled while they are installed, whoever is told', async () => {
    world.spawn().start();
    const id = await submit('pandas');
    await preparing(id);
    const before = world.clock.now();
    // By a process that hears nothing of the one that drives the run.
    await cancelRun(world.drive, ALICE, id);
    const { run } = await world.finish(id);
    expect(run.state).toMatchObject({ status: 'cancelled', startedAt: null });
    expect(world.clock.now() - before).toBeLessThanOrEqual(1_000);
    expect(world.executor.starts.size).toBe(0);
    expect(world.openWays.size).toBe(0);
  });

  it('goes on in another process at once when the one that prepared it leaves', async () => {
    const first = world.spawn();
    first.start();
    const id = await submit('pandas');
    await preparing(id);
    const left = first.stop();
    await world.clock.until(async () => (await world.stores.runs.findClaimable(world.clock.now(), 1)).length > 0, 500);
    await left;
    world.spawn().start();
    const { run } = await world.finish(id);
    expect(run).toMatchObject({ attempt: 1, leaseToken: 2, state: { status: 'succeeded' } });
    expect([...world.executor.starts.values()]).toEqual([1]);
  });

  it('goes on in another process when the one that prepared it was killed', async () => {
    const { worker, dead } = world.spawnMortal(7, 'after');
    worker.start();
    const id = await submit('pandas');
    await world.clock.advance(20_000);
    expect(dead()).toBe(true);
    world.spawn().start();
    const { run } = await world.finish(id);
    expect(run).toMatchObject({ attempt: 1, state: { status: 'succeeded' } });
    expect([...world.executor.starts.values()]).toEqual([1]);
  });

  it('is let go by who lost the lease meanwhile', async () => {
    const { worker, freeze, thaw } = world.spawnFreezing();
    const id = await submit('pandas');
    worker.start();
    await preparing(id);
    freeze();
    await world.clock.advance(12_000);
    world.spawn().start();
    await world.clock.advance(1_100);
    thaw();
    const { run } = await world.finish(id);
    expect(run).toMatchObject({ leaseToken: 2, state: { status: 'succeeded' } });
    await world.clock.advance(5_000);
    expect(worker.active()).toBe(0);
  });
});
