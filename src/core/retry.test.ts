import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/contracts/stores/fixtures.ts';
import { LEASE_MS, runIn } from '../../test/support/run-states.ts';
import { MAX_STARTS, nextStart } from './retry.ts';
import { claim, startFailed } from './transitions.ts';

describe('starting again', () => {
  it('waits twice as long each time, a minute at most', () => {
    const delays = [1, 2, 3, 4].map((attempt) => (nextStart(attempt, NOW) ?? 0) - NOW);
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000]);
    for (const delay of delays) expect(delay).toBeLessThanOrEqual(60_000);
  });

  it('ends after the last start', () => {
    expect(nextStart(MAX_STARTS - 1, NOW)).not.toBeNull();
    expect(nextStart(MAX_STARTS, NOW)).toBeNull();
    expect(nextStart(MAX_STARTS + 1, NOW)).toBeNull();
  });

  it('fails the run then, saying which start it was and what the place said', () => {
    let run = runIn('starting');
    let now = NOW;
    for (let start = 1; start < MAX_STARTS; start += 1) {
      const { run: waiting, events } = startFailed(run, run.leaseToken, 'No room.', null, now);
      expect(events).toMatchObject([{ type: 'run.queued', data: { attempt: start, reason: 'No room.' } }]);
      now = waiting.state.status === 'queued' ? waiting.state.notBefore : now;
      expect(() => claim(waiting, 'worker-1', LEASE_MS, now - 1)).toThrow();
      run = claim(waiting, 'worker-1', LEASE_MS, now).run;
    }
    expect(run.attempt).toBe(MAX_STARTS);
    expect(startFailed(run, run.leaseToken, 'No room.', 'Make some.', now).run.state).toMatchObject({
      status: 'failed',
      startedAt: null,
      failure: { code: 'place_failed', message: 'No room. (start 5)', hint: 'Make some.' },
    });
  });
});
