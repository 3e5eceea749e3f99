/** Expecting a refusal: the whole problem document, and the headers that every one has. */
import { expect } from 'vitest';

/** Status and title of each code, as the contract has them; written out again so that a change shows. */
const EXPECTED: Readonly<Record<string, readonly [number, string]>> = {
  invalid_request: [400, 'The request is not valid'],
  unauthenticated: [401, 'Who is asking is not known'],
  forbidden: [403, 'This is not allowed'],
  not_found: [404, 'There is no such thing'],
  method_not_allowed: [405, 'The address does not take this method'],
  conflict: [409, 'Not possible in the present state'],
  idempotency_in_flight: [409, 'A request with this key is being answered'],
  stale_revision: [412, 'Somebody changed it in the meantime'],
  payload_too_large: [413, 'The request is too large'],
  unsupported_media_type: [415, 'The body is not JSON'],
  unsupported_encoding: [415, 'The body is compressed'],
  range_not_satisfiable: [416, 'There are no such bytes'],
  idempotency_mismatch: [422, 'The key belongs to another request'],
  rate_limited: [429, 'Too many requests'],
  internal: [500, 'The server made a mistake'],
  store_unavailable: [503, 'The database is away'],
};

export interface ExpectedProblem {
  readonly code: string;
  readonly detail: string;
  readonly hint?: string;
  /** [pointer, message] of each fault. */
  readonly errors?: readonly (readonly [string, string])[];
}

/** Checks the document word by word. */
export const expectProblem = async (response: Response, expected: ExpectedProblem): Promise<void> => {
  const [status, title] = EXPECTED[expected.code] ?? [0, ''];
  const requestId = response.headers.get('x-request-id') ?? 'missing';
  const text = await response.text();
  expect(JSON.parse(text)).toEqual({
    type: `urn:slipway:problem:${expected.code}`,
    title,
    status,
    detail: expected.detail,
    code: expected.code,
    requestId,
    ...(expected.hint === undefined ? {} : { hint: expected.hint }),
    ...(expected.errors === undefined
      ? {}
      : { errors: expected.errors.map(([pointer, message]) => ({ pointer, message })) }),
  });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
};
