import { describe, expect, it } from 'vitest';
import { DomainError, ERROR_CODES } from '../core/errors.ts';
import { ERROR_MEANINGS, HttpError, headersOf, problemOf, statusOf } from './errors.ts';

describe('problemOf', () => {
  it.each(ERROR_CODES)('gives %s its status, and tells nothing of a 5xx', (code) => {
    const error = new DomainError(code, 'the message', { hint: 'the hint', faults: [{ pointer: '/a', message: 'b' }] });
    const problem = problemOf(error, 'r1');
    expect(problem).toMatchObject({
      code,
      status: statusOf(error),
      requestId: 'r1',
      type: `urn:slipway:problem:${code}`,
    });
    expect(problem.status).toBe(ERROR_MEANINGS[code].status);
    // Why a turn failed is what its run says to the same user.
    if (problem.status < 500 || code === 'turn_failed') {
      expect(problem).toMatchObject({
        detail: 'the message',
        hint: 'the hint',
        errors: [{ pointer: '/a', message: 'b' }],
      });
    } else {
      expect(JSON.stringify(problem)).not.toMatch(/the message|the hint|\/a/);
    }
  });

  it.each([new Error('x'), 'x', null, undefined, { code: 'not_found' }])('takes %j for a fault of ours', (error) => {
    expect(problemOf(error, 'r1')).toMatchObject({ status: 500, code: 'internal' });
  });
});

describe('headersOf', () => {
  it('says when to come again', () => {
    expect(headersOf(new DomainError('rate_limited', 'm', { retryAfterSeconds: 1.2 }))).toEqual({ 'retry-after': '2' });
    expect(headersOf(new DomainError('store_unavailable', 'm'))).toEqual({ 'retry-after': '5' });
    expect(headersOf(new DomainError('not_found', 'm'))).toEqual({});
    expect(headersOf(new Error('m'))).toEqual({});
    expect(headersOf(new HttpError('method_not_allowed', 'm', { headers: { allow: 'GET' } }))).toEqual({
      allow: 'GET',
    });
  });
});
