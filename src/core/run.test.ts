import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/contracts/stores/fixtures.ts';
import { runIn } from '../../test/support/run-states.ts';
import { DomainError, isDomainError } from './errors.ts';
import { TERMINAL_EVENT_TYPES } from './events.ts';
import { isLive, isTerminal, RUN_STATUSES, startedAt, TERMINAL_STATUSES } from './run.ts';
import { TRANSITIONS } from './transitions.ts';

describe('a status', () => {
  it.each(RUN_STATUSES)('%s is waiting, live or terminal, and only one of them', (status) => {
    const run = runIn(status);
    expect(isLive(run)).toBe(['starting', 'running'].includes(status));
    expect(isTerminal(run)).toBe(TERMINAL_STATUSES.some((terminal) => terminal === status));
    expect(TRANSITIONS[status].length === 0).toBe(isTerminal(run));
  });

  it('that is terminal has an event that is the last', () => {
    expect(TERMINAL_EVENT_TYPES).toEqual(TERMINAL_STATUSES.map((status) => `run.${status}`));
  });

  it.each([
    ['queued', null],
    ['starting', null],
    ['running', NOW + 10],
    ['succeeded', NOW + 10],
    ['failed', NOW + 10],
    ['timed_out', NOW + 10],
    ['cancelled', null],
    ['skipped', null],
  ] as const)('%s started at %j', (status, at) => {
    expect(startedAt(runIn(status))).toBe(at);
  });
});

describe('a domain error', () => {
  it('has a code, a message and whatever helps', () => {
    const cause = new Error('disk');
    const error = new DomainError('rate_limited', 'Too fast.', {
      hint: 'Wait.',
      cause,
      faults: [{ pointer: '/prompt', message: 'is empty' }],
      retryAfterSeconds: 3,
    });
    expect(error).toMatchObject({ name: 'DomainError', code: 'rate_limited', message: 'Too fast.', hint: 'Wait.' });
    expect(error).toMatchObject({ cause, retryAfterSeconds: 3, faults: [{ pointer: '/prompt' }] });
  });

  it('needs nothing more than a code and a message', () => {
    const error = new DomainError('not_found', 'No such run.');
    expect(error).toMatchObject({ hint: undefined, faults: [], retryAfterSeconds: undefined });
    expect('cause' in error).toBe(false);
  });

  it('is told from other errors, and by its code', () => {
    const error = new DomainError('conflict', 'Taken.');
    expect(isDomainError(error)).toBe(true);
    expect(isDomainError(error, 'conflict')).toBe(true);
    expect(isDomainError(error, 'internal')).toBe(false);
    expect(isDomainError(new Error('Taken.'))).toBe(false);
    expect(isDomainError('conflict')).toBe(false);
  });
});
