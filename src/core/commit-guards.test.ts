import { describe, expect, it } from 'vitest';
import { NOW, newAgent } from '../../test/contracts/stores/fixtures.ts';
import { runIn } from '../../test/support/run-states.ts';
import { requireFollowing, requireSameAgent } from './commit-guards.ts';
import { number } from './decision.ts';
import type { AgentId, UserId } from './ids.ts';

const log = { type: 'log', data: { stream: 'slipway', level: 'warn', text: 'look' } } as const;
const run = runIn('running');
const next = number(run, [log, log], NOW);

describe('a decision on a run', () => {
  it('is taken when its events follow', () => {
    expect(() => requireFollowing(run, next)).not.toThrow();
    expect(() => requireFollowing(null, number({ ...run, lastSeq: 0 }, [log], NOW))).not.toThrow();
  });
  it.each([
    ['of another user', { ...next, run: { ...next.run, userId: 'mallory' as UserId } }],
    ['that leaves a gap', { ...next, events: next.events.slice(1) }],
    ['that tells an event again', number({ ...run, lastSeq: run.lastSeq - 1 }, [log, log], NOW)],
    ['whose run does not know its newest event', { ...next, run }],
  ])('is refused: one %s', (_what, decision) => {
    expect(() => requireFollowing(run, decision)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

describe('a change of an agent', () => {
  const before = newAgent({ revision: 3 });
  it('is taken when it is of the same agent, and no older', () => {
    expect(() => requireSameAgent(before, { ...before, name: 'other' })).not.toThrow();
    expect(() => requireSameAgent(before, { ...before, revision: 4 })).not.toThrow();
  });
  it.each([{ id: 'other' as AgentId }, { userId: 'mallory' as UserId }, { createdAt: NOW + 1 }, { revision: 2 }])(
    'is refused: %j',
    (change) => {
      expect(() => requireSameAgent(before, { ...before, ...change })).toThrow(/another agent or an older revision/);
    },
  );
});
