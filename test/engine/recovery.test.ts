import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/core/events.ts';
import { cancelRun } from '../../src/engine/cancel-run.ts';
import { ALICE } from '../contracts/stores/fixtures.ts';
import type { Step } from '../support/simulation/simulated-executor.ts';
import { openWorld } from '../support/simulation/world.ts';

const SCRIPT: readonly Step[] = [
  { print: 'say 1' },
  { wait: 500 },
  { print: 'say 2' },
  { print: 'say 3' },
  { wait: 2_000 },
  { complain: 'note' },
  { print: 'say 4' },
  { wait: 9_000 },
  { print: 'done all' },
  { exit: 0 },
];

const texts = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) =>
    event.type === 'agent.message' ? event.data.content.map((block) => String(block.text)) : [],
  );

/** Far above the number of calls that one run takes. */
const MOST_CALLS = 200;

describe.each(['before', 'after'] as const)('a worker killed %s any of its calls', (when) => {
  it('leaves a run that the next worker ends as if nothing had happened', async () => {
    let deaths = 0;
    for (let call = 0; call < MOST_CALLS; call += 1) {
      const world = await openWorld(() => SCRIPT);
      const { worker, dead } = world.spawnMortal(call, when);
      worker.start();
      const { id } = await world.submit();
      await world.clock.advance(15_000);
      const died = dead();
      if (died) deaths += 1;
      world.spawn().start();
      const { run, events } = await world.finish(id);
      expect(run.state, `killed ${when} call ${call}`).toMatchObject({ status: 'succeeded', result: { text: 'all' } });
      expect(texts(events), `killed ${when} call ${call}`).toEqual(['1', '2', '3', '4']);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      expect([...world.executor.starts.values()]).toEqual([1]);
      await world.close();
      if (!died) break;
    }
    expect(deaths).toBeGreaterThan(10);
    expect(deaths).toBeLessThan(MOST_CALLS);
  }, 120_000);
});

describe('handing over', () => {
  it('leaves the execution running, and the next worker goes on without waiting for a lease to run out', async () => {
    const world = await openWorld(() => SCRIPT);
    const first = world.spawn();
    first.start();
    const { id } = await world.submit();
    await world.clock.advance(1_000);
    const before = world.clock.now();
    const stopped = first.stop();
    await world.clock.until(async () => (await world.stores.runs.findClaimable(world.clock.now(), 1)).length > 0);
    await world.clock.advance(100);
    await stopped;
    expect(world.clock.now() - before).toBeLessThan(2_000);
    expect(world.executor.places.size).toBe(1);
    world.spawn().start();
    const { run, events } = await world.finish(id);
    expect(run).toMatchObject({ attempt: 1, leaseToken: 2, state: { status: 'succeeded' } });
    expect(texts(events)).toEqual(['1', '2', '3', '4']);
    await world.close();
  });

  it('lets no process write that was too slow to keep its lease', async () => {
    const world = await openWorld(() => SCRIPT);
    const { worker, freeze, thaw } = world.spawnFreezing();
    const { id } = await world.submit();
    worker.start();
    await world.clock.advance(600);
    freeze();
    await world.clock.advance(12_000);
    const second = world.spawn();
    second.start();
    await world.clock.advance(1_100);
    expect(await world.stores.runs.get(id)).toMatchObject({ leaseToken: 2 });
    thaw();
    const { run, events } = await world.finish(id);
    expect(run).toMatchObject({ leaseToken: 2, state: { status: 'succeeded' } });
    expect(texts(events)).toEqual(['1', '2', '3', '4']);
    await world.clock.advance(5_000);
    expect(worker.active()).toBe(0);
    expect((await world.stores.runs.get(id))?.lastSeq).toBe(events.length);
    await world.close();
  });

  it.each([0, 1])(
    'says how a run ended in time (%i) although the next worker came after its deadline',
    async (code) => {
      const world = await openWorld(() => [
        { wait: 5_000 },
        { print: code === 0 ? 'done all' : 'say no' },
        { exit: code },
      ]);
      const first = world.spawnMortal(6, 'after');
      first.worker.start();
      const { id } = await world.submit();
      await world.clock.advance(3_600_000);
      expect(await world.stores.runs.get(id)).toMatchObject({ state: { status: 'running' }, stop: null });
      world.spawn().start();
      const { run } = await world.finish(id);
      expect(run).toMatchObject({ stop: null, state: { status: code === 0 ? 'succeeded' : 'failed' } });
      await world.close();
    },
  );

  it('carries out a cancel that came while nobody held the run', async () => {
    const world = await openWorld(() => [{ wait: 100_000 }]);
    const first = world.spawnMortal(6, 'after');
    first.worker.start();
    const { id } = await world.submit();
    await world.clock.advance(2_000);
    await cancelRun(world.drive, ALICE, id);
    world.spawn().start();
    const { run } = await world.finish(id);
    expect(run.state).toMatchObject({ status: 'cancelled' });
    expect(world.executor.places.size).toBe(0);
    await world.close();
  });
});
