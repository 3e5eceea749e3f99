import { afterEach, describe, expect, it } from 'vitest';
import { type Followed, followRun } from '../../src/engine/follow-run.ts';
import type { Step } from '../support/simulation/simulated-executor.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

const SCRIPT: readonly Step[] = [
  { print: 'say 1' },
  { wait: 5_000 },
  { print: 'say 2' },
  { wait: 40_000 },
  { print: 'done all' },
  { exit: 0 },
];

let world: World;
afterEach(() => world.close());

const collect = async (
  after: number,
  into: Followed[],
  signal: AbortSignal,
  id: Parameters<typeof followRun>[1],
): Promise<void> => {
  for await (const followed of followRun(world.drive, id, after, signal)) into.push(followed);
};
const numbers = (heard: readonly Followed[]): number[] =>
  heard.flatMap((followed) => (followed.kind === 'event' ? [followed.event.seq] : []));

describe('following a run', () => {
  it('replays, then follows, then ends behind the last event, from whichever event one asks', async () => {
    world = await openWorld(() => SCRIPT);
    world.spawn().start();
    const { id } = await world.submit();
    const early: Followed[] = [];
    const first = collect(0, early, new AbortController().signal, id);
    await world.clock.advance(3_000);
    expect(numbers(early)).toEqual([1, 2, 3, 4]);
    const middle: Followed[] = [];
    const second = collect(2, middle, new AbortController().signal, id);
    const { events } = await world.finish(id);
    await world.clock.advance(2_000);
    await Promise.all([first, second]);
    const late: Followed[] = [];
    await collect(4, late, new AbortController().signal, id);
    const all = events.map((event) => event.seq);
    expect(numbers(early)).toEqual(all);
    expect(numbers(middle)).toEqual(all.slice(2));
    expect(numbers(late)).toEqual(all.slice(4));
  });

  it('says that it is alive when nothing comes for fifteen seconds', async () => {
    world = await openWorld(() => SCRIPT);
    world.spawn().start();
    const { id } = await world.submit();
    const heard: Followed[] = [];
    const following = collect(0, heard, new AbortController().signal, id);
    await world.finish(id);
    await world.clock.advance(2_000);
    await following;
    expect(heard.filter((followed) => followed.kind === 'idle')).toHaveLength(2);
  });

  it('ends when there is nothing left to come: after the last event, and of a run that is deleted meanwhile', async () => {
    world = await openWorld(() => SCRIPT);
    world.spawn().start();
    const { id } = await world.submit();
    const { events } = await world.finish(id);
    const heard: Followed[] = [];
    const signal = new AbortController().signal;
    const beyond = collect(events.length, heard, signal, id);
    await world.clock.advance(20_000);
    await beyond;
    const { stores } = world.drive;
    const gone = { ...stores.runs, get: async () => null, events: async () => [] };
    const deleted = { ...world.drive, stores: { ...stores, runs: gone } };
    const left = (async () => {
      for await (const followed of followRun(deleted, id, 0, signal)) heard.push(followed);
    })();
    await world.clock.advance(20_000);
    await left;
    expect(heard.filter(({ kind }) => kind === 'idle')).toEqual([]);
  });

  it('passes deltas on to who is there, and to nobody afterwards', async () => {
    world = await openWorld(() => [{ wait: 60_000 }]);
    const { id } = await world.submit();
    const heard: Followed[] = [];
    const reader = new AbortController();
    const following = collect(0, heard, reader.signal, id);
    await world.clock.settle();
    world.drive.notifier.delta(id, { messageId: 'm', kind: 'text', text: 'Hel' });
    await world.clock.settle();
    expect(heard.at(-1)).toEqual({ kind: 'delta', delta: { messageId: 'm', kind: 'text', text: 'Hel' } });
    reader.abort();
    await following;
    const count = heard.length;
    world.drive.notifier.delta(id, { messageId: 'm', kind: 'text', text: 'lo' });
    await world.clock.settle();
    expect(heard).toHaveLength(count);
  });
});
