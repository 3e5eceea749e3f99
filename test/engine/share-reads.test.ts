import { afterEach, expect, it } from 'vitest';
import { shareReads } from '../../src/engine/share-reads.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

let world: World;
afterEach(() => world.close());

/** The engine of a world, its reads held back until they are let go, and counted. */
const slowly = async () => {
  world = await openWorld(() => [{ exit: 0 }]);
  const { id } = await world.submit();
  const { drive } = world;
  const gates: PromiseWithResolvers<void>[] = [];
  const { runs } = drive.stores;
  const held: typeof runs.events = async (...asked) => {
    const events = await runs.events(...asked);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    return events;
  };
  const engine = shareReads({ ...drive, stores: { ...drive.stores, runs: { ...runs, events: held } } });
  return { id, engine, begun: gates, read: (after = 0) => engine.stores.runs.events(id, after, 10, 1_000) };
};

it('those who ask for the same at the same moment get the same events from one read, and others their own', async () => {
  const { read, begun } = await slowly();
  const asked = [read(), read(), read(1)];
  await expect.poll(() => begun.length).toBe(2);
  for (const { resolve } of begun) resolve();
  const [first, second, third] = await Promise.all(asked);
  expect(first).toHaveLength(1);
  expect(second).toBe(first);
  expect(third).toEqual([]);
  const later = read();
  await expect.poll(() => begun.length).toBe(3);
  begun[2]?.resolve();
  expect(await later).not.toBe(first);
});

it('nobody gets what was asked for before the word of a change', async () => {
  const { id, engine, read, begun } = await slowly();
  let after: Promise<unknown> | null = null;
  const stop = engine.notifier.onChanged(id, () => {
    after = read();
  });
  const before = read();
  await expect.poll(() => begun.length).toBe(1);
  engine.notifier.changed(id);
  await expect.poll(() => begun.length).toBe(2);
  for (const { resolve } of begun) resolve();
  expect(await after).not.toBe(await before);
  stop();
});

it('a read that fails is not kept', async () => {
  const { id, engine } = await slowly();
  let asked = 0;
  const events = async (): Promise<never> => {
    asked += 1;
    throw new Error('away');
  };
  const { stores } = engine;
  const failing = shareReads({ ...engine, stores: { ...stores, runs: { ...stores.runs, events } } });
  for (const count of [1, 2]) {
    await expect(failing.stores.runs.events(id, 0, 10)).rejects.toThrow('away');
    expect(asked).toBe(count);
  }
});
