import { describe, expect, it } from 'vitest';
import { costOf, hasPrice, type MeterReading, PRICES, usageOf } from './pricing.ts';

const reading = (model: string, counts: Partial<MeterReading> = {}): MeterReading => ({
  model,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  webSearches: 0,
  estimated: false,
  ...counts,
});

describe('prices', () => {
  it.each([
    // What Claude Code 2.1.197 asks for by default, and for each of its aliases.
    ['claude-opus-4-8', 5, 25, 0.5],
    ['claude-opus-4-8[1m]', 5, 25, 0.5],
    ['claude-sonnet-5', 2, 10, 0.2],
    ['claude-haiku-4-5-20251001', 1, 5, 0.1],
    ['claude-fable-5', 10, 50, 1],
    // Cache reads that are not a tenth of the input.
    ['claude-fable-5-2', 8, 40, 0.2],
    ['claude-fable-5-1', 10, 50, 0.25],
    ['claude-opus-5-5', 4, 20, 0.2],
    ['claude-sonnet-5-5', 2, 10, 0.1],
    // Dates, aliases, and the fast mode.
    ['claude-sonnet-4-5-20250929', 3, 15, 0.3],
    ['claude-sonnet-4-20250514', 3, 15, 0.3],
    ['claude-opus-4-5@20251101', 5, 25, 0.5],
    ['claude-opus-4-20250514', 15, 75, 1.5],
    ['claude-3-5-haiku-latest', 0.8, 4, 0.08],
    ['claude-opus-4-8-fast', 10, 50, 1],
    ['claude-opus-5-5-fast', 8, 40, 0.4],
    ['demo', 0, 0, 0],
  ])('of %s', (model, input, output, cacheRead) => {
    expect(costOf(reading(model, { inputTokens: 1_000_000 }))).toBeCloseTo(input, 10);
    expect(costOf(reading(model, { outputTokens: 1_000_000 }))).toBeCloseTo(output, 10);
    expect(costOf(reading(model, { cacheReadTokens: 1_000_000 }))).toBeCloseTo(cacheRead, 10);
    expect(costOf(reading(model, { cacheWrite5mTokens: 1_000_000 }))).toBeCloseTo(input * 1.25, 10);
    expect(costOf(reading(model, { cacheWrite1hTokens: 1_000_000 }))).toBeCloseTo(input * 2, 10);
  });

  it('of a search is a cent', () => {
    expect(costOf(reading('claude-opus-4-8', { webSearches: 3 }))).toBeCloseTo(0.03, 10);
  });

  it('of a long prompt hold for every token of it', () => {
    const model = 'claude-haiku-5-5';
    expect(costOf(reading(model, { inputTokens: 60_000, cacheReadTokens: 40_000, outputTokens: 1_000 }))).toBeCloseTo(
      0.006 + 0.0004 + 0.0005,
      10,
    );
    expect(costOf(reading(model, { inputTokens: 60_001, cacheReadTokens: 40_000, outputTokens: 1_000 }))).toBeCloseTo(
      0.0300005 + 0.002 + 0.0025,
      10,
    );
  });

  it.each([
    'claude-opus-9',
    'claude-opus-4-80',
    'claude-sonnet-5-6',
    'claude-sonnet-5-5-fast',
    'gpt-6',
    '',
    'constructor',
  ])('of %s are unknown, and not zero', (model) => {
    expect(hasPrice(model)).toBe(false);
    expect(costOf(reading(model))).toBeNull();
  });

  it('are named in full, each by a name that is its own', () => {
    for (const name of Object.keys(PRICES)) expect(hasPrice(name), name).toBe(true);
  });
});

it('a reading is tokens, whatever they cost', () => {
  const counts = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWrite5mTokens: 4, cacheWrite1hTokens: 5 };
  expect(usageOf(reading('x', counts))).toEqual({
    inputTokens: 1,
    outputTokens: 2,
    cacheReadTokens: 3,
    cacheWriteTokens: 9,
  });
});
