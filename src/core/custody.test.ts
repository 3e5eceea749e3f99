import { describe, expect, it } from 'vitest';
import { NOW, newRun } from '../../test/contracts/stores/fixtures.ts';
import { LEASE_MS, runIn } from '../../test/support/run-states.ts';
import { aloneUntil, isLeftAlone } from './custody.ts';

const HOUR = 3_600_000;
const TIMEOUT_MS = newRun().task.limits.timeoutSeconds * 1_000;

describe('a run whose executor a server lacks', () => {
  it('is left alone for its time and two hours more, from its start', () => {
    const run = runIn('running');
    const until = NOW + 10 + TIMEOUT_MS + 2 * HOUR;
    expect(aloneUntil(run)).toBe(until);
    expect([isLeftAlone(run, until - 1), isLeftAlone(run, until)]).toEqual([true, false]);
  });

  it('is left alone from the end of its lease on, where nobody knows whether it was started', () => {
    const run = runIn('starting');
    const until = NOW + LEASE_MS + TIMEOUT_MS + 2 * HOUR;
    expect([isLeftAlone(run, until - 1), isLeftAlone(run, until)]).toEqual([true, false]);
  });

  it('is not left alone in the queue: it has no place', () => {
    expect(isLeftAlone(runIn('queued'), NOW)).toBe(false);
    expect(() => aloneUntil(runIn('queued'))).toThrow('has no lease');
  });
});
