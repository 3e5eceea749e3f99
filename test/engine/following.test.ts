import { afterEach, describe, expect, it } from 'vitest';
import { claim, note } from '../../src/core/transitions.ts';
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

describe('a reader that does not read', () => {
  const HELD_CHARS = 256 * 1024;

  it.each([
    ['many', 2_000, 1, 512],
    ['large', 10, 100_000, 2],
  ])('has no more than the newest of %s deltas kept for it', async (_name, count, length, kept) => {
    world = await openWorld(() => [{ wait: 60_000 }]);
    const { id } = await world.submit();
    const over = new AbortController();
    const following = followRun(world.drive, id, 0, over.signal);
    expect((await following.next()).value).toMatchObject({ kind: 'event' });
    const texts = Array.from({ length: count }, (_, index) => String(index).padStart(length, '.'));
    for (const text of texts) world.drive.notifier.delta(id, { messageId: 'm', kind: 'text', text });
    const heard: string[] = [];
    for (let n = 0; n < kept; n += 1) {
      const { value } = await following.next();
      if (value?.kind === 'delta') heard.push(value.delta.text);
    }
    expect(heard).toEqual(texts.slice(-kept));
    const next = following.next();
    over.abort();
    expect((await next).done).toBe(true);
  });

  it('has no more events read for it at once than may be held, and all of them in the end', async () => {
    world = await openWorld(() => [{ wait: 60_000 }]);
    const { id } = await world.submit();
    const { runs } = world.stores;
    await runs.update(id, (run) => claim(run, 'somebody', 60_000, world.clock.now()));
    const text = 'x'.repeat(100_000);
    const large = { type: 'log', data: { stream: 'slipway', level: 'info', text } } as const;
    for (let n = 0; n < 10; n += 1) await runs.update(id, (run) => note(run, [large], world.clock.now()));
    const held: number[] = [];
    const events: typeof runs.events = async (...asked) => {
      const read = await runs.events(...asked);
      held.push(JSON.stringify(read).length);
      return read;
    };
    const over = new AbortController();
    const engine = { ...world.drive, stores: { ...world.stores, runs: { ...runs, events } } };
    const seqs: number[] = [];
    for await (const followed of followRun(engine, id, 0, over.signal)) {
      if (followed.kind === 'event') seqs.push(followed.event.seq);
      if (seqs.length === 12) over.abort();
    }
    expect(seqs).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(Math.max(...held)).toBeLessThan(HELD_CHARS + 2 * text.length);
  });
});
