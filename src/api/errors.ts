/** How errors look on the wire: RFC 9457 problem documents, and the HTTP status of every error code. */
import { DomainError, type ErrorCode, type FieldFault } from '../core/errors.ts';

/** Refusals that only HTTP knows. */
export const HTTP_ERROR_CODES = [
  'method_not_allowed',
  'unsupported_media_type',
  'unsupported_encoding',
  'range_not_satisfiable',
] as const;
export type WireErrorCode = ErrorCode | (typeof HTTP_ERROR_CODES)[number];

interface Meaning {
  readonly status: number;
  readonly title: string;
}

/** What each code means in HTTP. Exhaustive: a new code does not compile until it has its row. */
export const ERROR_MEANINGS: { readonly [Code in WireErrorCode]: Meaning } = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Who is asking is not known' },
  forbidden: { status: 403, title: 'This is not allowed' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'The address does not take this method' },
  conflict: { status: 409, title: 'Not possible in the present state' },
  illegal_transition: { status: 409, title: 'Not possible in the present state' },
  lease_lost: { status: 409, title: 'Somebody else has taken over' },
  idempotency_in_flight: { status: 409, title: 'A request with this key is being answered' },
  stale_revision: { status: 412, title: 'Somebody changed it in the meantime' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The body is not JSON' },
  unsupported_encoding: { status: 415, title: 'The body is compressed' },
  range_not_satisfiable: { status: 416, title: 'There are no such bytes' },
  idempotency_mismatch: { status: 422, title: 'The key belongs to another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'The server made a mistake' },
  place_failed: { status: 502, title: 'The place of execution failed' },
  packages_failed: { status: 502, title: 'Packages could not be installed' },
  source_failed: { status: 502, title: 'The repository could not be fetched' },
  start_aborted: { status: 503, title: 'The start was broken off' },
  place_unavailable: { status: 503, title: 'The place of execution is away' },
  isolation_unavailable: { status: 503, title: 'The isolation is not complete' },
  turn_failed: { status: 502, title: 'The designer could not answer' },
  store_unavailable: { status: 503, title: 'The database is away' },
};

/** The problem document. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: WireErrorCode;
  readonly requestId: string;
  readonly hint?: string;
  readonly errors?: readonly FieldFault[];
}

/** A refusal of the wire itself, with the headers that belong to it. */
export class HttpError extends Error {
  readonly code: WireErrorCode;
  readonly hint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: WireErrorCode, message: string, options: { hint?: string; headers?: Record<string, string> } = {}) {
    super(message);
    this.name = 'HttpError';
    this.code = code;
    this.hint = options.hint;
    this.headers = options.headers ?? {};
  }
}

const STORE_RETRY_SECONDS = 5;

/** What a client is told of a fault of ours: never its message, which may hold addresses, paths or values. */
const SERVER_FAULTS: { readonly [Status in 500 | 502 | 503]: { readonly detail: string; readonly hint: string } } = {
  500: {
    detail: 'The request could not be answered because of a fault in the server.',
    hint: 'Tell the operator the requestId; the server log has the cause. Whether the request took effect is not known.',
  },
  502: {
    detail: 'The place where runs execute answered with a failure.',
    hint: 'Try again; if it stays, tell the operator the requestId.',
  },
  503: {
    detail: 'A part that the server needs is not available at the moment.',
    hint: 'Try again in a few seconds, with the same Idempotency-Key if the request creates something.',
  },
};

const codeOf = (error: unknown): WireErrorCode =>
  error instanceof DomainError || error instanceof HttpError ? error.code : 'internal';

/** The HTTP status that an error is answered with. */
export const statusOf = (error: unknown): number => ERROR_MEANINGS[codeOf(error)].status;

/** The problem document of any error. Of a 5xx it says nothing but its code. */
export const problemOf = (error: unknown, requestId: string): ProblemDocument => {
  const code = codeOf(error);
  const { status, title } = ERROR_MEANINGS[code];
  const base = { type: `urn:slipway:problem:${code}`, title, status };
  // Why a turn failed is what its run says to the same user.
  if (code !== 'turn_failed' && (status === 500 || status === 502 || status === 503)) {
    const { detail, hint } = SERVER_FAULTS[status];
    return { ...base, detail, code, requestId, hint };
  }
  const { message, hint, faults } = describe(error);
  return {
    ...base,
    detail: message,
    code,
    requestId,
    ...(hint === undefined ? {} : { hint }),
    ...(faults.length === 0 ? {} : { errors: faults }),
  };
};

const describe = (error: unknown): { message: string; hint?: string | undefined; faults: readonly FieldFault[] } => {
  if (error instanceof DomainError) return error;
  if (error instanceof HttpError) return { message: error.message, hint: error.hint, faults: [] };
  return { message: '', faults: [] };
};

/** The headers that an error asks for. */
export const headersOf = (error: unknown): Record<string, string> => {
  if (error instanceof HttpError) return { ...error.headers };
  if (!(error instanceof DomainError)) return {};
  if (error.retryAfterSeconds !== undefined) return { 'retry-after': String(Math.ceil(error.retryAfterSeconds)) };
  return ERROR_MEANINGS[error.code].status === 503 ? { 'retry-after': String(STORE_RETRY_SECONDS) } : {};
};
