import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventDraft } from '../../src/core/events.ts';
import type { RunId } from '../../src/core/ids.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import type { MeterReading } from '../../src/core/pricing.ts';
import { createWitness } from '../../src/engine/witness.ts';
import { task } from '../contracts/stores/fixtures.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

// Three US dollars by the price of this model: one for a million tokens in, two for 400,000 out.
const READING: MeterReading = {
  model: 'claude-haiku-4-5',
  inputTokens: 1_000_000,
  outputTokens: 400_000,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  webSearches: 0,
  estimated: false,
};

let world: World;
beforeEach(async () => {
  world = await openWorld(() => [{ wait: 60_000 }, { print: 'done' }, { exit: 0 }]);
});
afterEach(() => world.close());

const running = async (maxBudgetUsd: number | null): Promise<RunId> => {
  const { id } = await world.submit({ task: task({ limits: { ...DEFAULT_LIMITS, maxBudgetUsd } }) });
  world.spawn().start();
  await world.clock.until(async () => (await world.stores.runs.get(id))?.state.status === 'running');
  return id;
};

describe('what the gateway meters', () => {
  it('is summed on the run and said in an event, whoever holds the lease', async () => {
    const id = await running(null);
    const witness = createWitness(world.drive, null);
    await witness.metered(id, READING);
    const run = await witness.metered(id, READING);
    expect(run).toMatchObject({
      tokenUsage: { inputTokens: 2_000_000, outputTokens: 800_000 },
      costUsd: 6,
      model: 'claude-haiku-4-5',
      stop: null,
    });
    const usage = (await world.stores.runs.events(id, 0, 100)).filter((event) => event.type === 'usage');
    expect(usage.map((event) => event.data)).toMatchObject([{ costUsd: 3 }, { costUsd: 3, total: { costUsd: 6 } }]);
  });

  it('ends the run at its budget', async () => {
    const id = await running(5);
    const witness = createWitness(world.drive, null);
    expect((await witness.metered(id, READING)).stop).toBeNull();
    expect((await witness.metered(id, READING)).stop?.reason).toBe('budget_reached');
    const { run } = await world.finish(id);
    expect(run.state).toMatchObject({ status: 'failed', stopReason: 'budget_reached' });
    expect(world.executor.places.size).toBe(0);
  });

  it('makes the cost unknown, never zero, where a price is not known, and ends a run that has a budget', async () => {
    const strange = { ...READING, model: 'some-other-model' };
    const free = await running(null);
    const witness = createWitness(world.drive, null);
    expect(await witness.metered(free, strange)).toMatchObject({ costUsd: null, stop: null });
    expect(await witness.metered(free, READING)).toMatchObject({ costUsd: null, stop: null });
    const bound = await running(5);
    await witness.metered(bound, strange);
    const { run } = await world.finish(bound);
    expect(run.state).toMatchObject({ status: 'failed', failure: { code: 'model_price_unknown' } });
  });

  it('changes nothing once the run is over', async () => {
    const id = await running(null);
    const { run } = await world.finish(id);
    expect(await createWitness(world.drive, null).metered(id, READING)).toEqual(run);
  });
});

describe('what else the gateway sees', () => {
  it('ends a run whose credentials are refused', async () => {
    const id = await running(null);
    await createWitness(world.drive, null).stop(id, 'model_credentials_refused', '401');
    const { run } = await world.finish(id);
    expect(run.state).toMatchObject({ status: 'failed', failure: { code: 'model_credentials_refused' } });
  });

  it('is noted in the event log', async () => {
    const id = await running(null);
    const text = 'The model service answers 529.';
    await createWitness(world.drive, null).note(id, [
      { type: 'log', data: { stream: 'slipway', level: 'warn', text } },
    ]);
    expect((await world.stores.runs.events(id, 0, 100)).at(-1)).toMatchObject({ type: 'log', data: { text } });
  });

  it('finds what was noted of one type, oldest first, whatever stands between', async () => {
    const id = await running(null);
    const witness = createWitness(world.drive, null);
    const refusal = (port: number): EventDraft => ({
      type: 'egress.refused',
      data: { host: 'evil.example', port, reason: 'r', hint: 'h' },
    });
    const filler: EventDraft = { type: 'log', data: { stream: 'slipway', level: 'warn', text: 'x' } };
    for (let at = 0; at < 3; at += 1) {
      await witness.note(id, [...Array.from({ length: 150 }, () => filler), refusal(at + 1)]);
    }
    const ports = async (limit: number) =>
      (await witness.noted(id, 'egress.refused', limit)).map((event) =>
        'port' in event.data ? event.data.port : null,
      );
    expect(await ports(100)).toEqual([1, 2, 3]);
    expect(await ports(2)).toEqual([1, 2]);
  });
});
