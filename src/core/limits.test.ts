import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, LIMIT_BOUNDS, type Limits, mergeLimits } from './limits.ts';

const NAMES = Object.keys(DEFAULT_LIMITS);
const value = fc.option(fc.double({ min: 1, max: 1e6, noNaN: true }), { nil: undefined });
const optional = fc.oneof(value, fc.constant(null));
const patches = fc.record({
  timeoutSeconds: value,
  idleSeconds: value,
  memoryMb: value,
  diskMb: value,
  cpus: value,
  maxProcesses: value,
  maxTurns: optional,
  maxBudgetUsd: optional,
  maxOutputBytes: value,
});

const entries = (limits: object): [string, unknown][] => Object.entries(limits);

describe('limits', () => {
  it('have the defaults of the contract, all within their bounds', () => {
    expect(DEFAULT_LIMITS).toEqual({
      timeoutSeconds: 300,
      idleSeconds: 120,
      memoryMb: 1024,
      diskMb: 4096,
      cpus: 1,
      maxProcesses: 256,
      maxTurns: null,
      maxBudgetUsd: null,
      maxOutputBytes: 67_108_864,
    });
    expect(Object.keys(LIMIT_BOUNDS)).toEqual(NAMES);
    for (const [name, bound] of Object.entries(LIMIT_BOUNDS)) {
      expect(bound.min).toBeLessThan(bound.max);
      const given: Limits[keyof Limits] | undefined = new Map(Object.entries(DEFAULT_LIMITS)).get(name);
      if (typeof given !== 'number') continue;
      expect(given).toBeGreaterThanOrEqual(bound.min);
      expect(given).toBeLessThanOrEqual(bound.max);
    }
  });

  it('stay as they are without a patch', () => {
    expect(mergeLimits(DEFAULT_LIMITS)).toEqual(DEFAULT_LIMITS);
    expect(mergeLimits(DEFAULT_LIMITS, {})).toEqual(DEFAULT_LIMITS);
  });

  it('take from a patch what it gives, null included, and the rest from their base', () => {
    fc.assert(
      fc.property(patches, patches, (first, second) => {
        const base = mergeLimits(DEFAULT_LIMITS, first);
        const given = new Map(entries(second));
        const before = new Map(entries(base));
        for (const [name, merged] of entries(mergeLimits(base, second))) {
          expect(merged).toBe(given.get(name) === undefined ? before.get(name) : given.get(name));
        }
      }),
    );
  });

  it('that are optional can be lifted', () => {
    const bounded = mergeLimits(DEFAULT_LIMITS, { maxTurns: 3, maxBudgetUsd: 0 });
    expect(bounded).toMatchObject({ maxTurns: 3, maxBudgetUsd: 0 });
    expect(mergeLimits(bounded, { maxTurns: null, maxBudgetUsd: null })).toEqual(DEFAULT_LIMITS);
  });
});
