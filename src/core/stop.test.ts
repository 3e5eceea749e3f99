/** The wish to end a run, and what wins when it meets another ending. */
import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/contracts/stores/fixtures.ts';
import { failed, failure, runIn, succeeded, TOKEN } from '../../test/support/run-states.ts';
import { conclude, STOP_MEANINGS } from './conclusion.ts';
import { END_REASONS, FAILURE_CODES, type RunState } from './run.ts';
import { claim, requestStop, settle, startFailed } from './transitions.ts';

const AT = NOW + 1_000;
const result = { text: 'Half of it.', structured: null };

describe('a stop', () => {
  it('is durable before anything ends: a live run keeps its state and learns the reason', () => {
    const run = runIn('running');
    const { run: next, events } = requestStop(run, 'deadline', 'after 300 s', AT);
    expect(next).toEqual({ ...run, stop: { reason: 'deadline', at: AT, detail: 'after 300 s' }, lastSeq: 4 });
    expect(events).toEqual([
      { seq: 4, at: AT, type: 'run.stopping', data: { reason: 'deadline', detail: 'after 300 s' } },
    ]);
  });

  it('keeps its first reason', () => {
    const first = requestStop(runIn('running'), 'cancelled', null, AT).run;
    for (const reason of END_REASONS) {
      const again = requestStop(first, reason, 'later', AT + 1);
      expect(again.run).toBe(first);
      expect(again.events).toEqual([]);
    }
  });

  it('ends a queued run at once when it is cancelled', () => {
    const { run, events } = requestStop(runIn('queued'), 'cancelled', 'by alice', AT);
    const state: RunState = {
      status: 'cancelled',
      startedAt: null,
      endedAt: AT,
      stopReason: 'cancelled',
      limitsHit: [],
      result: null,
      failure: {
        code: 'cancelled',
        message: 'The run was cancelled. (by alice)',
        hint: STOP_MEANINGS.cancelled.hint,
      },
    };
    expect(run.state).toEqual(state);
    expect(run.stop).toEqual({ reason: 'cancelled', at: AT, detail: 'by alice' });
    expect(events.map(({ seq, type }) => [seq, type])).toEqual([
      [2, 'run.stopping'],
      [3, 'run.cancelled'],
    ]);
  });

  it.each(END_REASONS.filter((reason) => reason !== 'cancelled'))(
    'of a queued run for %s changes nothing: it has no execution that the reason could be about',
    (reason) => {
      const queued = runIn('queued');
      expect(requestStop(queued, reason, null, AT)).toEqual({ run: queued, events: [] });
    },
  );

  it('keeps a failed start from being tried again', () => {
    const stopped = requestStop(runIn('starting'), 'cancelled', null, AT).run;
    expect(startFailed(stopped, TOKEN, 'No room.', null, AT).run.state.status).toBe('cancelled');
  });
});

describe('when a stop meets the end', () => {
  it.each(END_REASONS)('%s gives the outcome its meaning, unless the run succeeded all the same', (reason) => {
    const stopped = requestStop(runIn('running'), reason, null, AT).run;
    const meaning = STOP_MEANINGS[reason];
    for (const status of ['failed', 'timed_out', 'cancelled'] as const) {
      const end = settle(stopped, TOKEN, { ...failed, status, result, limitsHit: [] }, [], AT).run;
      expect(end.state).toMatchObject({
        status: meaning.status,
        stopReason: meaning.stopReason,
        limitsHit: meaning.limitsHit,
        result,
        failure: { code: reason, message: meaning.message, hint: meaning.hint },
      });
    }
    const late = settle(stopped, TOKEN, succeeded, [], AT).run;
    expect(late.state).toMatchObject({ status: 'succeeded', stopReason: 'end_turn', limitsHit: [] });
    expect(late.stop?.reason).toBe(reason);
  });

  it('names every limit that was hit, each once', () => {
    const stopped = requestStop(runIn('running'), 'deadline', null, AT).run;
    const end = settle(stopped, TOKEN, { ...failed, limitsHit: ['memory', 'deadline'] }, [], AT).run;
    expect(end.state).toMatchObject({ limitsHit: ['memory', 'deadline'] });
    const quiet = settle(stopped, TOKEN, { ...failed, limitsHit: ['memory'] }, [], AT).run;
    expect(quiet.state).toMatchObject({ limitsHit: ['memory', 'deadline'] });
  });

  it('a run without a stop keeps the harness’s verdict', () => {
    expect(settle(runIn('running'), TOKEN, failed, [], AT).run.state).toMatchObject({ failure, limitsHit: ['memory'] });
  });

  it('the stop outlives its worker', () => {
    const stopped = requestStop(runIn('running'), 'cancelled', null, AT).run;
    const taken = claim(stopped, 'worker-2', 1_000, NOW + 60_000).run;
    expect(taken.stop).toEqual(stopped.stop);
    expect(settle(taken, taken.leaseToken, failed, [], NOW + 60_001).run.state.status).toBe('cancelled');
  });
});

describe('verdicts that need no harness', () => {
  it('mean to the user what the contract says', () => {
    const meanings = END_REASONS.map((reason) => {
      const { status, stopReason, limitsHit } = STOP_MEANINGS[reason];
      return [reason, status, stopReason, ...limitsHit].join(' ');
    });
    expect(meanings).toEqual([
      'cancelled cancelled cancelled',
      'deadline timed_out deadline deadline',
      'idle timed_out idle idle',
      'output failed error output',
      'budget_reached failed budget_reached',
      'model_credentials_refused failed error',
      'model_price_unknown failed error',
    ]);
  });

  it('have a code of the contract, a whole sentence, and a hint that is one', () => {
    for (const reason of END_REASONS) {
      expect(FAILURE_CODES).toContain(reason);
      expect(STOP_MEANINGS[reason].message).toMatch(/^[A-Z].*\.$/);
      expect(STOP_MEANINGS[reason].hint).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('carry what detail there is', () => {
    const stop = { reason: 'budget_reached', at: AT, detail: '3 of 2 US dollars' } as const;
    expect(conclude.stopped(stop, result)).toMatchObject({
      status: 'failed',
      stopReason: 'budget_reached',
      result,
      failure: { message: 'The run reached its budget. (3 of 2 US dollars)' },
    });
  });

  it.each([
    ['place_failed', conclude.placeFailed('No.', null), 'Nothing was executed. Retry the run.'],
    ['place_failed', conclude.placeFailed('No.', 'Do this.'), 'Do this.'],
    ['isolation_unavailable', conclude.isolationUnavailable('No.', null), 'Run `npm run doctor` for what mends it.'],
    ['isolation_unavailable', conclude.isolationUnavailable('No.', 'Do this.'), 'Do this.'],
    ['place_lost', conclude.placeLost(), expect.stringContaining('Check, then retry')],
  ])('%s fails without a result, with a hint', (code, conclusion, hint) => {
    expect(conclusion).toMatchObject({ status: 'failed', stopReason: 'error', limitsHit: [], result: null });
    expect(conclusion).toMatchObject({ failure: { code, hint } });
  });
});
