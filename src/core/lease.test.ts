/** The fence: who holds an older lease has lost the run, whatever it tries. */
import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/contracts/stores/fixtures.ts';
import { failed, LEASE_MS, REF, recording, runIn, succeeded, TOKEN } from '../../test/support/run-states.ts';
import { leaseLeftMs, leaseOf, moveTo, requireInTime, withLease } from './decision.ts';
import { RUN_STATUSES, type Run } from './run.ts';
import {
  claim,
  type Decision,
  handOver,
  isClaimable,
  record,
  renew,
  settle,
  started,
  startFailed,
} from './transitions.ts';

const EXPIRY = NOW + LEASE_MS;

const FENCED: readonly (readonly [string, (run: Run, token: number) => Decision])[] = [
  ['renew', (run, token) => renew(run, token, LEASE_MS, EXPIRY)],
  ['handOver', (run, token) => handOver(run, token, EXPIRY)],
  ['started', (run, token) => started(run, token, REF, null, EXPIRY)],
  ['startFailed', (run, token) => startFailed(run, token, 'No room.', null, EXPIRY)],
  ['record', (run, token) => record(run, token, recording(), EXPIRY)],
  ['settle as failed', (run, token) => settle(run, token, failed, [], EXPIRY)],
  ['settle as succeeded', (run, token) => settle(run, token, succeeded, [], EXPIRY)],
];

describe('a lease', () => {
  it('has so much time left, less than none when it has run out, and none where there is no lease', () => {
    for (const status of RUN_STATUSES) {
      const run = runIn(status);
      const live = status === 'starting' || status === 'running';
      expect(leaseLeftMs(run, EXPIRY - 5)).toBe(live ? leaseOf(run).expiresAt - EXPIRY + 5 : 0);
      expect(leaseLeftMs(run, EXPIRY + LEASE_MS) < 0).toBe(live);
      const inTime = (now: number) => requireInTime(run, now);
      expect(() => inTime(EXPIRY + LEASE_MS)).toThrow(expect.objectContaining({ code: 'lease_lost' }));
      if (live) expect(() => inTime(leaseOf(run).expiresAt - 1)).not.toThrow();
      if (live) expect(() => inTime(leaseOf(run).expiresAt)).toThrow();
    }
  });

  it.each(FENCED)('that is older or was never given does not let its holder %s', (_, decide) => {
    for (const status of ['starting', 'running'] as const) {
      const taken = claim(runIn(status), 'worker-2', LEASE_MS, EXPIRY).run;
      expect(taken.leaseToken).toBe(TOKEN + 1);
      for (const token of [TOKEN, 0, TOKEN + 2]) {
        expect(() => decide(taken, token)).toThrow(expect.objectContaining({ code: 'lease_lost' }));
      }
    }
  });

  it('ends with the start that it was for: a run that waits again has no holder', () => {
    const waiting = startFailed(runIn('starting'), TOKEN, 'No room.', null, NOW).run;
    for (const [, decide] of FENCED) {
      expect(() => decide(waiting, TOKEN)).toThrow(expect.objectContaining({ code: 'lease_lost' }));
    }
    expect(claim(waiting, 'worker-1', LEASE_MS, NOW + 1_000).run).toMatchObject({ attempt: 2, leaseToken: TOKEN + 1 });
  });

  it('that has run out still serves its holder until another one claims the run', () => {
    const late = EXPIRY + LEASE_MS;
    expect(renew(runIn('running'), TOKEN, LEASE_MS, late).run.state).toMatchObject({
      lease: { holder: 'worker-1', expiresAt: late + LEASE_MS },
    });
  });
});

describe('claiming', () => {
  it('is possible when a run is due, or when its lease has run out, to the millisecond', () => {
    expect(isClaimable(runIn('queued'), NOW - 1)).toBe(false);
    expect(isClaimable(runIn('queued'), NOW)).toBe(true);
    for (const status of ['starting', 'running'] as const) {
      expect(isClaimable(runIn(status), EXPIRY - 1)).toBe(false);
      expect(isClaimable(runIn(status), EXPIRY)).toBe(true);
      expect(() => claim(runIn(status), 'worker-2', LEASE_MS, EXPIRY - 1)).toThrow(
        expect.objectContaining({ code: 'conflict' }),
      );
    }
  });

  it('is possible at once after a hand-over', () => {
    const given = handOver(runIn('running'), TOKEN, NOW + 20).run;
    expect(isClaimable(given, NOW + 20)).toBe(true);
    expect(isClaimable(given, NOW + 19)).toBe(false);
  });

  it('is over when the run is', () => {
    for (const status of RUN_STATUSES.slice(3)) expect(isClaimable(runIn(status), EXPIRY * 2)).toBe(false);
  });
});

describe('what decisions are made of', () => {
  it('has no lease and gives none outside a live run', () => {
    for (const status of ['queued', 'succeeded', 'skipped'] as const) {
      const run = runIn(status);
      expect(() => leaseOf(run)).toThrow(expect.objectContaining({ code: 'illegal_transition' }));
      expect(withLease(run, 'worker-2', EXPIRY)).toBe(run);
    }
  });

  it('does not move a run off the table', () => {
    const move = () => moveTo(runIn('succeeded'), { status: 'queued', notBefore: NOW }, [], NOW);
    expect(move).toThrow('A run cannot go from succeeded to queued.');
  });
});
