import { describe, expect, it } from 'vitest';
import { ended, sampleRun } from '../../../test/harness/sample-run.ts';
import { LIMIT_HITS } from '../../core/run.ts';
import type { Exit } from '../../ports/executor.ts';
import { concludeRun } from './conclude.ts';
import { encodeSeen, FRESH, type Seen, type SeenResult } from './seen.ts';

const run = sampleRun();
const RESULT: SeenResult = {
  isError: false,
  subtype: 'success',
  text: 'Done.',
  turns: 1,
  apiStatus: null,
  stopReason: 'end_turn',
  terminalReason: 'completed',
  errors: [],
  structured: null,
  hasStructured: false,
  structuredLost: false,
  sessionId: run.sessionId,
};
const seenOf = (result: Partial<SeenResult> | null = {}, seen: Partial<Seen> = {}) =>
  encodeSeen({ ...FRESH, sessionId: run.sessionId, acted: true, result: result && { ...RESULT, ...result }, ...seen });
const conclude = (seen = seenOf(), exit: Partial<Exit> = {}, of = run) => concludeRun(of, seen, ended(exit)).conclusion;
const codeOf = (...args: Parameters<typeof conclude>) => {
  const conclusion = conclude(...args);
  return conclusion.status === 'succeeded' ? 'succeeded' : conclusion.failure.code;
};

describe('success', () => {
  it('needs exit status 0 and a result that says no error', () => {
    expect(conclude()).toEqual({
      status: 'succeeded',
      stopReason: 'end_turn',
      limitsHit: [],
      result: { text: 'Done.', structured: null },
    });
  });

  it.each<[string, Parameters<typeof conclude>, string]>([
    ['an error in the result', [seenOf({ isError: true })], 'harness_failed'],
    ['another exit status', [seenOf(), { code: 1 }], 'harness_failed'],
    ['a signal', [seenOf(), { code: null, signal: 'SIGSEGV' }], 'harness_failed'],
    ['no result', [seenOf(null)], 'no_result'],
    ['nothing at all', [encodeSeen(FRESH)], 'no_result'],
    ['a result that was taken back', [seenOf({}, { resultWithdrawn: true })], 'no_result'],
    ['another session', [seenOf({}, { sessionId: 'other' })], 'harness_failed'],
    ["another session's result", [seenOf({ sessionId: 'other' })], 'harness_failed'],
    ['a subtype that is none', [seenOf({ subtype: 'error_new' })], 'harness_failed'],
    ['an answer without the model', [seenOf({ turns: 0 })], 'harness_failed'],
    ['no word and no deed', [seenOf({ text: '' }, { acted: false })], 'no_result'],
    ['a lost place', [seenOf(), { lost: true, code: null }], 'place_lost'],
  ])('is not said of %s', (_, args, code) => {
    expect(codeOf(...args)).toBe(code);
  });

  it('is said of work without words, and names denials and limits that were hit', () => {
    expect(codeOf(seenOf({ text: '' }))).toBe('succeeded');
    expect(conclude(seenOf({}, { denied: ['t1'] })).stopReason).toBe('permission_denied');
    const known = { ...run, permissionDenials: [{ tool: 'Bash', toolUseId: 't', input: {} }] };
    expect(conclude(seenOf(), {}, known).stopReason).toBe('permission_denied');
    expect(conclude(seenOf(), { limitsHit: ['memory'] })).toMatchObject({ status: 'succeeded', limitsHit: ['memory'] });
  });
});

describe('output schema', () => {
  const asking = sampleRun({ outputSchema: { type: 'object', required: ['a'] } });

  it.each([
    ['valid output', { hasStructured: true, structured: { a: 1 } }, 'succeeded', ''],
    ['invalid output', { hasStructured: true, structured: {} }, 'output_schema_mismatch', "required property 'a'"],
    ['no output', {}, 'output_schema_mismatch', 'without the structured output'],
    ['output too large', { structuredLost: true }, 'output_schema_mismatch', 'too large'],
  ])('%s', (_, result, code, words) => {
    const conclusion = conclude(seenOf(result), {}, asking);
    expect(codeOf(seenOf(result), {}, asking)).toBe(code);
    if (conclusion.status === 'succeeded') expect(conclusion.result.structured).toEqual({ a: 1 });
    else
      expect(conclusion).toMatchObject({
        result: { text: 'Done.', structured: null },
        failure: { message: expect.stringContaining(words) },
      });
  });

  it('gives no structured output where none was asked for', () => {
    expect(conclude(seenOf({ hasStructured: true, structured: { a: 1 } })).result?.structured).toBeNull();
  });
});

describe('failed results', () => {
  it.each<[string, Partial<SeenResult>, string, string]>([
    ['turns', { subtype: 'error_max_turns' }, 'max_turns', 'max_turns'],
    ['budget', { subtype: 'error_max_budget_usd' }, 'budget_reached', 'budget_reached'],
    ['schema', { subtype: 'error_max_structured_output_retries' }, 'output_schema_mismatch', 'error'],
    ['execution', { subtype: 'error_during_execution', errors: ['No conversation found'] }, 'harness_failed', 'error'],
    ['400', { apiStatus: 400, text: 'API Error: 400 bad' }, 'model_request_refused', 'error'],
    ['400 for credit', { apiStatus: 400, text: 'Credit balance is too low' }, 'usage_limited', 'usage_limited'],
    ['400 for length', { apiStatus: 400, text: 'Prompt is too long' }, 'model_request_refused', 'error'],
    ['401', { apiStatus: 401, text: 'Invalid API key' }, 'model_credentials_refused', 'error'],
    ['403', { apiStatus: 403, text: 'Failed to authenticate. API Error: 403' }, 'model_credentials_refused', 'error'],
    ['404', { apiStatus: 404, text: 'There is an issue with the selected model' }, 'model_request_refused', 'error'],
    ['413', { apiStatus: 413, text: 'Request too large' }, 'model_request_refused', 'error'],
    ['429', { apiStatus: 429, text: 'API Error: Request rejected (429)' }, 'usage_limited', 'usage_limited'],
    ['500', { apiStatus: 500, text: 'API Error: 500' }, 'model_unavailable', 'error'],
    ['529', { apiStatus: 529, text: 'Overloaded' }, 'model_unavailable', 'error'],
    ['529 without a status', { text: 'API Error: Repeated 529 Overloaded errors.' }, 'model_unavailable', 'error'],
    [
      'a broken connection',
      { text: 'API Error: Connection to the API was lost (ECONNRESET).' },
      'model_unavailable',
      'error',
    ],
    ['a usage limit', { text: "You've hit your session limit · resets 3am" }, 'usage_limited', 'usage_limited'],
    [
      'a usage limit, as it was',
      { text: 'Claude AI usage limit reached|1700000000' },
      'usage_limited',
      'usage_limited',
    ],
    ['no login', { text: 'Not logged in · Please run /login' }, 'model_credentials_refused', 'error'],
    ['a refusal', { stopReason: 'refusal', text: 'no' }, 'model_request_refused', 'error'],
    [
      'an interruption',
      { subtype: 'error_during_execution', terminalReason: 'aborted_tools' },
      'harness_failed',
      'error',
    ],
    ['anything else', { text: 'whatever' }, 'harness_failed', 'error'],
  ])('%s', (_, result, code, stopReason) => {
    const conclusion = conclude(seenOf({ isError: true, ...result }), { code: 1 });
    expect(conclusion).toMatchObject({ status: 'failed', stopReason, failure: { code } });
    if (conclusion.status !== 'succeeded') expect(conclusion.failure.hint).toBeTruthy();
  });
});

describe('other ends', () => {
  it('is ours when we ended it', () => {
    expect(conclude(seenOf(), { code: null, signal: 'SIGKILL', endedBy: 'deadline' })).toMatchObject({
      status: 'timed_out',
      stopReason: 'deadline',
      limitsHit: ['deadline'],
      result: { text: 'Done.' },
    });
    const stopped = { ...run, stop: { reason: 'budget_reached' as const, at: 1, detail: '2 of 1 US dollars' } };
    expect(conclude(seenOf(null), { endedBy: 'budget_reached', limitsHit: ['memory'] }, stopped)).toMatchObject({
      stopReason: 'budget_reached',
      limitsHit: ['memory'],
      failure: { message: expect.stringContaining('2 of 1') },
    });
  });

  it.each(LIMIT_HITS.filter((hit) => hit !== 'deadline' && hit !== 'idle'))(
    'names the limit that was hit: %s',
    (hit) => {
      const exit = { code: null, signal: 'SIGKILL', limitsHit: [hit] };
      expect(conclude(seenOf(null), exit)).toMatchObject({ limitsHit: [hit], failure: { code: hit } });
      expect(conclude(seenOf({ isError: true, apiStatus: 400 }), exit)).toMatchObject({
        limitsHit: [hit],
        failure: { code: 'model_request_refused' },
      });
    },
  );

  it('quotes the last words', () => {
    const seen = seenOf(null, { stderr: 'one\n\ntwo\n' });
    expect(conclude(seen, { code: 2 })).toMatchObject({
      failure: {
        code: 'harness_failed',
        message: 'The agent program ended with exit status 2, without a result. Its last words: one / two',
      },
    });
  });

  it('says what it was trying when it was ended', () => {
    const seen = seenOf(null, { retry: { status: 529, error: 'overloaded' } });
    expect(codeOf(seen, { code: null, signal: 'SIGTERM' })).toBe('model_unavailable');
    expect(codeOf(seenOf(null, { retry: { status: null, error: 'unknown' } }), { code: 1 })).toBe('model_unavailable');
    expect(codeOf(seen, { code: null, signal: 'SIGKILL', limitsHit: ['memory'] })).toBe('memory');
  });
});
