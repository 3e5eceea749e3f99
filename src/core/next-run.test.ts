/** What each decision makes of a run, written out in full. */
import { describe, expect, it } from 'vitest';
import { NOW, newRun } from '../../test/contracts/stores/fixtures.ts';
import { failed, LEASE_MS, REF, recording, runIn, succeeded, TOKEN } from '../../test/support/run-states.ts';
import { conclude } from './conclusion.ts';
import type { Run, RunState } from './run.ts';
import {
  claim,
  type Decision,
  handOver,
  queue,
  record,
  renew,
  settle,
  skip,
  started,
  unchanged,
} from './transitions.ts';

const AT = NOW + LEASE_MS + 1_000;

/** The whole next run, written out: what changed is `changes`, all else is as it was. */
const expectRun = (decision: Decision, before: Run, changes: Partial<Run>, state: RunState) =>
  expect(decision.run).toEqual({ ...before, ...changes, state });

describe('the exact next run', () => {
  const lease = { holder: 'worker-2', expiresAt: AT + LEASE_MS };
  const execution = { ref: REF, startedAt: NOW + 10, offset: { stdout: 0, stderr: 0 }, seen: null };
  const firstLease = { holder: 'worker-1', expiresAt: NOW + LEASE_MS };

  it('of a queued run is due at once, without a lease, at no cost', () => {
    const input = newRun({ trigger: { kind: 'schedule', firedFor: NOW - 5 } });
    const { run, events } = queue(input, NOW);
    expect(run).toMatchObject({
      ...input,
      attempt: 0,
      leaseToken: 0,
      stop: null,
      costUsd: 0,
      lastSeq: 1,
      createdAt: NOW,
    });
    expect(run.state).toEqual({ status: 'queued', notBefore: NOW });
    expect(events).toEqual([
      { seq: 1, at: NOW, type: 'run.queued', data: { trigger: 'schedule', attempt: 0, reason: null } },
    ]);
  });

  it('of a dropped firing is over as it begins, and says why', () => {
    const { run, events } = skip(newRun(), 'busy', NOW);
    expect(run.state).toEqual({ status: 'skipped', endedAt: NOW, reason: 'busy' });
    expect(run.lastSeq).toBe(2);
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'run.queued'],
      [2, 'run.skipped'],
    ]);
  });

  it('of a claimed one has one lease more, and one attempt more only if it was queued', () => {
    const queued = runIn('queued');
    const first = claim(queued, 'worker-2', LEASE_MS, AT);
    expectRun(first, queued, { attempt: 1, leaseToken: 1, lastSeq: 2 }, { status: 'starting', lease });
    expect(first.events[0]?.data).toEqual({ attempt: 1, executor: 'local' });
    const starting = runIn('starting');
    expectRun(claim(starting, 'worker-2', LEASE_MS, AT), starting, { leaseToken: 2 }, { status: 'starting', lease });
    const running = runIn('running');
    const again = claim(running, 'worker-2', LEASE_MS, AT);
    expectRun(again, running, { leaseToken: 2 }, { status: 'running', lease, execution });
  });

  it('of one whose lease is renewed or handed over keeps its holder', () => {
    const run = runIn('starting');
    const renewed = { holder: 'worker-1', expiresAt: AT + LEASE_MS };
    expectRun(renew(run, TOKEN, LEASE_MS, AT), run, {}, { status: 'starting', lease: renewed });
    const given = { holder: 'worker-1', expiresAt: AT };
    expectRun(handOver(run, TOKEN, AT), run, {}, { status: 'starting', lease: given });
  });

  it('of a started one remembers its place; saying it again changes nothing', () => {
    const run = runIn('starting');
    const decision = started(run, TOKEN, REF, { fresh: true }, NOW + 10);
    const state: RunState = {
      status: 'running',
      lease: firstLease,
      execution: { ...execution, seen: { fresh: true } },
    };
    expectRun(decision, run, { lastSeq: 3 }, state);
    expect(started(decision.run, TOKEN, REF, null, AT)).toEqual(unchanged(decision.run));
  });

  it('of one whose output was read has the events, the offset and the memory together', () => {
    const run = runIn('running');
    const denial = { tool: 'Bash', toolUseId: 't1', input: { command: 'curl' } };
    const first = record(run, TOKEN, recording({ denials: [denial] }), AT);
    expectRun(
      first,
      run,
      { lastSeq: 4, model: 'claude-sonnet-4-5-20250929', permissionDenials: [denial] },
      {
        status: 'running',
        lease: firstLease,
        execution: { ...execution, offset: { stdout: 0, stderr: 8 }, seen: { lines: 1 } },
      },
    );
    const other = { ...denial, toolUseId: 't2' };
    const second = record(first.run, TOKEN, recording({ events: [], model: null, denials: [denial, other] }), AT);
    expect(second.run.permissionDenials).toEqual([denial, other]);
    expect(second.run.model).toBe('claude-sonnet-4-5-20250929');
    expect(second.run.lastSeq).toBe(4);
  });

  it('has each denial once, even when one reading reports it twice', () => {
    const denial = { tool: 'Bash', toolUseId: 't1', input: {} };
    const read = record(runIn('running'), TOKEN, recording({ denials: [denial, denial] }), AT);
    expect(read.run.permissionDenials).toEqual([denial]);
  });

  it('of a finished one holds the outcome, and so does its last event', () => {
    const run = runIn('running');
    const denial = { tool: 'Bash', toolUseId: 't1', input: {} };
    const { run: end, events } = settle(run, TOKEN, failed, [], AT, [denial]);
    expect(end.permissionDenials).toEqual([denial]);
    expect(end.state).toEqual({
      status: 'failed',
      startedAt: NOW + 10,
      endedAt: AT,
      stopReason: 'error',
      limitsHit: ['memory'],
      result: null,
      failure: failed.failure,
    });
    expect(events.at(-1)?.data).toEqual({
      stopReason: 'error',
      result: null,
      error: failed.failure,
      limitsHit: ['memory'],
      permissionDenials: end.permissionDenials,
      tokenUsage: run.tokenUsage,
      costUsd: 0,
    });
    const placeless = settle(runIn('starting'), TOKEN, conclude.isolationUnavailable('No bwrap.', null), [], AT);
    expect(placeless.run.state).toMatchObject({ status: 'failed', startedAt: null });
    const good = settle(run, TOKEN, succeeded, [], AT);
    expect(good.events.at(-1)?.data).toMatchObject({ error: null, result: succeeded.result });
  });
});
