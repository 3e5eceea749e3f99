/** Tokens, their price, and the budget that they may reach. */
import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/contracts/stores/fixtures.ts';
import { reading, runIn, withBudget } from '../../test/support/run-states.ts';
import { costOf, hasPrice, usageOf } from './pricing.ts';
import { recordUsage } from './transitions.ts';
import { addCost, addUsage, NO_USAGE, subtractUsage } from './usage.ts';

const AT = NOW + 1_000;
const UNKNOWN = 'somebody-elses-model';

/** US dollars per million tokens, by hand from the published list: input, output. */
const PUBLISHED: readonly (readonly [string, number, number])[] = [
  ['claude-opus-4-7', 5, 25],
  ['claude-opus-4-6', 5, 25],
  ['claude-opus-4-5-20251101', 5, 25],
  ['claude-opus-4-5', 5, 25],
  ['claude-opus-4-1-20250805', 15, 75],
  ['claude-opus-4-1', 15, 75],
  ['claude-opus-4-20250514', 15, 75],
  ['claude-sonnet-4-6', 3, 15],
  ['claude-sonnet-4-5-20250929', 3, 15],
  ['claude-sonnet-4-5', 3, 15],
  ['claude-sonnet-4-20250514', 3, 15],
  ['claude-haiku-4-5-20251001', 1, 5],
  ['claude-haiku-4-5', 1, 5],
  ['claude-3-7-sonnet-20250219', 3, 15],
  ['claude-3-7-sonnet-latest', 3, 15],
  ['claude-3-5-haiku-20241022', 0.8, 4],
  ['claude-3-5-haiku-latest', 0.8, 4],
  ['claude-3-haiku-20240307', 0.25, 1.25],
  ['demo', 0, 0],
];

describe('the price of tokens', () => {
  it.each(PUBLISHED)('%s costs %d and %d US dollars per million', (model, input, output) => {
    expect(hasPrice(model)).toBe(true);
    expect(costOf(reading({ model, inputTokens: 1_000_000, outputTokens: 0 }))).toBeCloseTo(input, 10);
    expect(costOf(reading({ model, inputTokens: 0, outputTokens: 1_000_000 }))).toBeCloseTo(output, 10);
  });

  it.each([
    UNKNOWN,
    '',
    'claude',
    'claude-opus',
    'claude-2.1',
    'claude-sonnet-9',
    'demonstration',
    'my-claude-opus-4-5',
  ])('of %j is not known, which is not zero', (model) => {
    expect(hasPrice(model)).toBe(false);
    expect(costOf(reading({ model }))).toBeNull();
  });

  it('is a tenth for what the cache gave, more for what was written to it, and a cent a search', () => {
    const none = { inputTokens: 0 };
    expect(costOf(reading({ ...none, cacheReadTokens: 1_000_000 }))).toBeCloseTo(0.3, 10);
    expect(costOf(reading({ ...none, cacheWrite5mTokens: 1_000_000 }))).toBeCloseTo(3.75, 10);
    expect(costOf(reading({ ...none, cacheWrite1hTokens: 1_000_000 }))).toBeCloseTo(6, 10);
    expect(costOf(reading({ ...none, webSearches: 3 }))).toBeCloseTo(0.03, 10);
    expect(costOf(reading(none))).toBe(0);
  });
});

describe('sums', () => {
  const some = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };

  it('add and take away each kind of token by itself', () => {
    const more = { inputTokens: 10, outputTokens: 20, cacheReadTokens: 30, cacheWriteTokens: 40 };
    expect(addUsage(some, more)).toEqual({
      inputTokens: 11,
      outputTokens: 22,
      cacheReadTokens: 33,
      cacheWriteTokens: 44,
    });
    expect(subtractUsage(addUsage(some, more), more)).toEqual(some);
    expect(addUsage(NO_USAGE, some)).toEqual(some);
  });

  it('of cost are unknown when a part is', () => {
    expect(addCost(1, 2)).toBe(3);
    expect(addCost(null, 2)).toBeNull();
    expect(addCost(1, null)).toBeNull();
  });

  it('of a reading put both ways of writing to the cache together', () => {
    const read = reading({
      inputTokens: 1,
      outputTokens: 2,
      cacheReadTokens: 3,
      cacheWrite5mTokens: 1,
      cacheWrite1hTokens: 3,
    });
    expect(usageOf(read)).toEqual(some);
  });
});

describe('metering a run', () => {
  it('adds tokens and cost, and tells both the step and the total', () => {
    const first = recordUsage(runIn('running'), reading(), AT).run;
    const { run, events } = recordUsage(first, reading({ outputTokens: 1_000, estimated: true }), AT);
    expect(run.tokenUsage).toMatchObject({ inputTokens: 2_000_000, outputTokens: 1_000 });
    expect(run.costUsd).toBeCloseTo(6.015, 10);
    expect(run.model).toBe('claude-sonnet-4-5-20250929');
    expect(events[0]?.data).toMatchObject({
      inputTokens: 1_000_000,
      estimated: true,
      costUsd: 3.015,
      total: { inputTokens: 2_000_000, outputTokens: 1_000, costUsd: run.costUsd },
    });
    expect(run.stop).toBeNull();
  });

  it('stays unknown in cost once a part was, and does not stop a run that has no budget', () => {
    const unknown = recordUsage(runIn('running'), reading({ model: UNKNOWN }), AT).run;
    const { run } = recordUsage(unknown, reading(), AT);
    expect(run.costUsd).toBeNull();
    expect(run.tokenUsage.inputTokens).toBe(2_000_000);
    expect(run.stop).toBeNull();
  });

  it.each([
    [3.01, null],
    [3, '3 of 3 US dollars'],
    [2.5, '3 of 2.5 US dollars'],
    [0, '3 of 0 US dollars'],
  ])('against a budget of %d asks for the end when it is reached', (budget, detail) => {
    const { run, events } = recordUsage(runIn('running', withBudget(budget)), reading(), AT);
    expect(run.stop).toEqual(detail === null ? null : { reason: 'budget_reached', at: AT, detail });
    expect(events.map(({ type }) => type)).toEqual(detail === null ? ['usage'] : ['usage', 'run.stopping']);
    expect(run.state.status).toBe('running');
  });

  it('asks for the end when there is a budget and no price to hold against it', () => {
    const { run } = recordUsage(runIn('running', withBudget(100)), reading({ model: UNKNOWN }), AT);
    expect(run.stop).toEqual({ reason: 'model_price_unknown', at: AT, detail: UNKNOWN });
  });

  it('goes on being counted after a stop, whose reason stays', () => {
    const stopped = recordUsage(runIn('running', withBudget(1)), reading(), AT).run;
    const { run, events } = recordUsage(stopped, reading(), AT + 1);
    expect(run.costUsd).toBe(6);
    expect(run.stop).toEqual(stopped.stop);
    expect(events.map(({ type }) => type)).toEqual(['usage']);
  });
});
