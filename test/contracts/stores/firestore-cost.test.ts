/**
 * What a run costs in reads and writes. The engine drives it in virtual time over SQLite; what it asked of the store is
 * then asked of Firestore, call by call, and counted.
 */
import { afterEach, expect, it } from 'vitest';
import { FRUGAL_PACE } from '../../../src/engine/deps.ts';
import { followRun } from '../../../src/engine/follow-run.ts';
import { createHeldReadings } from '../../../src/engine/held-readings.ts';
import { createWitness } from '../../../src/engine/witness.ts';
import { createWorker } from '../../../src/engine/worker.ts';
import type { RunStore } from '../../../src/ports/run-store.ts';
import type { Operation } from '../../../src/stores/firestore/connection.ts';
import { describeWithFirestore } from '../../support/firestore/firestore.ts';
import type { Step } from '../../support/simulation/simulated-executor.ts';
import { openWorld, type World } from '../../support/simulation/world.ts';
import { SECOND, task } from './fixtures.ts';
import { reading } from './run-lives.ts';
import { openTemporaryFirestore } from './temporary-firestore.ts';

/** 40 answers of the model, 156 messages, and 4 events of the run itself. */
const ANSWERS = 40;
const MESSAGES = 156;
const EVENTS = ANSWERS + MESSAGES + 4;

/** Messages that are spread over the time, then the end. */
const script = (lastsMs: number): Step[] => [
  ...Array.from({ length: MESSAGES }, (_, index): Step[] => [
    { wait: lastsMs / MESSAGES },
    { print: `say message ${index} ${'x'.repeat(300)}` },
  ]).flat(),
  { print: 'done all' },
  { exit: 0 },
];

type Call = (runs: RunStore) => Promise<unknown>;

/** The store, and what was asked of it; `at` is when a change of a run was committed. */
const recording = (runs: RunStore, now: () => number) => {
  const calls: Call[] = [];
  const at: number[] = [];
  const recorded: RunStore = {
    ...runs,
    insert: (first, once) => {
      calls.push((other) => other.insert(first, once));
      return runs.insert(first, once);
    },
    get: (id) => {
      calls.push((other) => other.get(id));
      return runs.get(id);
    },
    update: (id, decide) =>
      runs.update(id, (run) => {
        const decision = decide(run);
        const changes = decision.run !== run || decision.events.length > 0;
        if (changes) at.push(now());
        calls.push((other) => (changes ? other.update(id, () => decision) : other.get(id)));
        return decision;
      }),
  };
  return { recorded, calls, at };
};

const countOf = async (calls: readonly Call[]) => {
  const operations: Operation[] = [];
  const opened = await openTemporaryFirestore((operation) => operations.push(operation));
  try {
    operations.length = 0;
    for (const call of calls) await call(opened.stores.runs);
    let [reads, writes] = [0, 0];
    for (const operation of operations) {
      if (operation.kind === 'commit') writes += operation.changes.length;
      else reads += operation.reads;
    }
    return { reads, writes };
  } finally {
    await opened.close();
  }
};

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

interface Course {
  readonly lastsMs: number;
  readonly watched: boolean;
  readonly maxBudgetUsd: number | null;
}

const cost = async ({ lastsMs, watched, maxBudgetUsd }: Course) => {
  world = await openWorld(() => script(lastsMs));
  const { clock, drive, stores } = world;
  const { recorded, calls, at } = recording(stores.runs, clock.now);
  const held = createHeldReadings();
  const driven = { ...drive, pace: FRUGAL_PACE, held, stores: { ...stores, runs: recorded } };
  const { limits } = task();
  const run = await world.submit({ task: task({ limits: { ...limits, timeoutSeconds: 3_600, maxBudgetUsd } }) });
  const submitted = await stores.runs.events(run.id, 0, 9);
  calls.push((other) => other.insert({ run, events: submitted }, null));
  createWorker(driven, 1).start();
  const over = new AbortController();
  const follow = async (): Promise<void> => {
    // Read from the engine's own store: what a follower costs is not what the run costs.
    for await (const _ of followRun(drive, run.id, 0, over.signal));
  };
  const following = watched ? follow() : Promise.resolve();
  const witness = createWitness(driven, held);
  await clock.advance(SECOND);
  for (let answer = 0; answer < ANSWERS; answer += 1) {
    await witness.metered(run.id, reading({ inputTokens: 10, outputTokens: 5 }));
    await clock.advance((lastsMs - 2 * SECOND) / ANSWERS);
  }
  const { run: after, events } = await world.finish(run.id);
  over.abort();
  await clock.advance(SECOND);
  await following;
  expect(after).toMatchObject({ state: { status: 'succeeded' }, tokenUsage: { inputTokens: ANSWERS * 10 } });
  expect(events).toHaveLength(EVENTS);
  const counted = await countOf(calls);
  return { ...counted, at };
};

describeWithFirestore('the cost of a run of 200 events', () => {
  it.each([60, 300])('is 40 writes at most when nobody watches, also when it takes %i seconds', async (seconds) => {
    const { writes, reads } = await cost({ lastsMs: seconds * SECOND, watched: false, maxBudgetUsd: null });
    expect(writes).toBeLessThanOrEqual(40);
    expect(reads).toBeLessThanOrEqual(200);
  });

  it('is two writes a second at most while somebody watches, one of them to the record of the run', async () => {
    const { writes, at } = await cost({ lastsMs: 60 * SECOND, watched: true, maxBudgetUsd: null });
    // One commit at once, then one each second; ten for the run's own steps.
    expect(writes).toBeLessThanOrEqual(2 * (1 + 60) + 10);
    for (const from of at)
      expect(at.filter((when) => when >= from && when < from + 10 * SECOND).length).toBeLessThan(14);
  });

  it('is two writes more for each answer when the run has a budget, which has to be kept to', async () => {
    const { writes } = await cost({ lastsMs: 300 * SECOND, watched: false, maxBudgetUsd: 100 });
    expect(writes).toBeLessThanOrEqual(40 + 2 * ANSWERS);
  });
});
