import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run.ts';
import { claim, type Decision, note } from '../../src/core/transitions.ts';
import { followRun } from '../../src/engine/follow-run.ts';
import { shareReads } from '../../src/engine/share-reads.ts';
import type { RunStore } from '../../src/ports/run-store.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

let world: World;
let id: RunId;
let reads: number;
/** What is to be called when the present turn is over. */
let later: (() => void)[];
let shared: RunStore;

beforeEach(async () => {
  world = await openWorld(() => [{ exit: 0 }]);
  ({ id } = await world.submit());
  await world.stores.runs.update(id, (run) => claim(run, 'somebody', 60_000, world.clock.now()));
  reads = 0;
  later = [];
  const { runs } = world.stores;
  const counted: RunStore = {
    ...runs,
    events: (...asked) => {
      reads += 1;
      return runs.events(...asked);
    },
  };
  shared = shareReads(counted, (callback) => later.push(callback));
});
afterEach(() => world.close());

const log =
  (text: string) =>
  (run: Run): Decision =>
    note(run, [{ type: 'log', data: { stream: 'slipway', level: 'info', text } }], world.clock.now());

it('answers all who ask for the same events in one turn by one read', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, () => shared.events(id, 0, 200)));
  expect(reads).toBe(1);
  expect(answers.every((events) => events.length === 2)).toBe(true);
  expect(await shared.events(id, 2, 200)).toEqual([]);
  expect(reads).toBe(2);
});

it('reads again in the next turn, since another process may have written', async () => {
  await shared.events(id, 0, 200);
  await world.stores.runs.update(id, log('by another process'));
  for (const callback of later) callback();
  expect(await shared.events(id, 0, 200)).toHaveLength(3);
});

it('reads again in the same turn after an update of its own', async () => {
  const before = shared.events(id, 0, 200);
  await shared.update(id, log('by this process'));
  expect(await before).toHaveLength(2);
  expect(await shared.events(id, 0, 200)).toHaveLength(3);
});

it('serves all who follow a run by one read a change', async () => {
  const engine = { ...world.drive, stores: { ...world.stores, runs: shared } };
  const over = new AbortController();
  const heard: number[] = [];
  const follow = async (): Promise<void> => {
    for await (const followed of followRun(engine, id, 0, over.signal)) {
      if (followed.kind === 'event') heard.push(followed.event.seq);
    }
  };
  const following = Array.from({ length: 50 }, follow);
  await world.clock.advance(1);
  const first = reads;
  await shared.update(id, log('news'));
  world.drive.notifier.changed(id);
  await world.clock.advance(1);
  expect([first, reads, heard.length]).toEqual([1, 2, 150]);
  over.abort();
  await Promise.all(following);
});
