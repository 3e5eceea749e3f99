import { expect, it } from 'vitest';
import { createChance } from '../support/simulation/seeded/chance.ts';
import { type Played, play } from '../support/simulation/seeded/simulate.ts';
import { createSimulation } from '../support/simulation/seeded/simulation.ts';

const story = async (seed: number): Promise<{ played: Played; runs: string }> => {
  const simulation = createSimulation(seed);
  const played = await play(simulation);
  return {
    played,
    runs: JSON.stringify([...simulation.database.newest.values()]),
  };
};

it('plays the same seed the same way, and another seed another way', async () => {
  const first = await story(4);
  expect(await story(4)).toEqual(first);
  expect((await story(5)).runs).not.toBe(first.runs);
});

it('has worlds in which each kind of end, several leases and several starts occur', async () => {
  const statuses = new Set<string>();
  let leases = 0;
  let starts = 0;
  for (let seed = 1; seed <= 150; seed += 1) {
    const simulation = createSimulation(seed);
    await play(simulation);
    for (const run of simulation.database.newest.values()) {
      statuses.add(run.state.status);
      leases = Math.max(leases, run.leaseToken);
      starts = Math.max(starts, run.attempt);
    }
  }
  expect([...statuses].sort()).toEqual(['cancelled', 'failed', 'succeeded', 'timed_out']);
  expect(leases).toBeGreaterThan(4);
  expect(starts).toBeGreaterThan(3);
});

it('draws evenly', () => {
  const chance = createChance(1);
  const draws = Array.from({ length: 10_000 }, () => chance.int(1, 10));
  const counts = new Set(draws).size;
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  expect(counts).toBe(10);
  expect(mean).toBeCloseTo(5.5, 0);
});
