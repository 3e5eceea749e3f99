/**
 * `kill -9` of the server at random moments while twenty runs go on: nothing that was accepted is lost, and nothing
 * happens twice. Each round has a seed, which every failure names.
 *
 *   FAULT_ROUNDS=50 vitest run test/faults/kill-nine.test.ts           plays so many rounds
 *   SEED=17 FAULT_ROUNDS=1 vitest run test/faults/kill-nine.test.ts    plays the round of that seed
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leftoversOf } from '../support/server/leftovers.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { brokenPromises, submitTicking, TICKING, wasCutOff } from '../support/server/ticking.ts';
import { createChance } from '../support/simulation/seeded/chance.ts';

const RUNS = 20;
const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 3);
const FIRST_SEED = Number(process.env.SEED ?? 1);
/** A server is killed at some moment of this time: before it serves anyone, in the rush of the starts, or in mid-run. */
const LIFE_MS = 8_000;
const ROUND_LIMIT_MS = 60_000;
const OVER = new Set(['succeeded', 'failed', 'timed_out', 'cancelled', 'skipped']);

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ scenarios: TICKING, env: { SLIPWAY_CONCURRENCY: String(RUNS) } });
});
afterEach(() => stage.close());

const isOver = async (id: string): Promise<boolean> =>
  OVER.has((await stage.request('GET', `/runs/${id}`)).body.status);

it(`ends every run once, though the server is killed ${ROUNDS} times`, {
  timeout: 180_000 + ROUNDS * ROUND_LIMIT_MS,
}, async ({ annotate }) => {
  const ids: string[] = [];
  let killedWhileLive = 0;
  let live: readonly string[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed += 1) {
    const where = `SEED=${seed} (of ${FIRST_SEED} to ${FIRST_SEED + ROUNDS - 1})`;
    const wanted = Array.from({ length: RUNS - live.length }, (_, index) => ids.length + index);
    // Not waited for: the server may die while it takes them.
    const submitted = Promise.all(wanted.map((n) => submitTicking(stage, n)));
    await new Promise((resolve) => setTimeout(resolve, createChance(seed).int(0, LIFE_MS)));
    await stage.server().kill('SIGKILL');
    await stage.restart();
    ids.push(...(await submitted));
    expect(new Set(ids).size, where).toBe(ids.length);
    const over = await Promise.all(ids.slice(-2 * RUNS).map(isOver));
    live = ids.slice(-2 * RUNS).filter((_, index) => over[index] === false);
    killedWhileLive += live.length;
  }
  const seeds = `SEED=${FIRST_SEED} FAULT_ROUNDS=${ROUNDS}`;
  const broken: string[] = [];
  let cutOff = 0;
  for (const [n, id] of ids.entries()) {
    const finished = await stage.finish(id, 150_000);
    if (wasCutOff(finished)) cutOff += 1;
    broken.push(...(await brokenPromises(stage, n, finished)));
  }
  expect(broken, seeds).toEqual([]);
  // As many as a kill may find in mid-answer; more would be something else.
  expect(cutOff, seeds).toBeLessThanOrEqual(ROUNDS);
  expect(killedWhileLive, 'the kills came while runs were going on').toBeGreaterThan(0);
  const { dataDir, pid } = stage.server();
  await expect.poll(() => leftoversOf(dataDir, ids, [pid]), { timeout: 10_000, message: seeds }).toEqual([]);
  await annotate(
    `${ROUNDS} kills, ${ids.length} runs, ${killedWhileLive} times a run was live after a kill, ${cutOff} answers cut`,
  );
});
