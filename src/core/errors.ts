/** The one catalogue of errors. HTTP status and exit codes are exhaustive maps over `ErrorCode`. */

export const ERROR_CODES = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'illegal_transition',
  'lease_lost',
  'stale_revision',
  'payload_too_large',
  'idempotency_mismatch',
  'idempotency_in_flight',
  'rate_limited',
  'place_unavailable',
  'isolation_unavailable',
  'place_failed',
  'packages_failed',
  'source_failed',
  'start_aborted',
  'turn_failed',
  'store_unavailable',
  'internal',
] as const;

/** What went wrong, for programs. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** One fault in one part of a request. */
export interface FieldFault {
  /** JSON Pointer (RFC 6901) into the body, or the name of the query or header field. */
  readonly pointer: string;
  readonly message: string;
}

export interface DomainErrorOptions {
  /** What to do next, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  readonly faults?: readonly FieldFault[];
  /** Seconds after which the same request may succeed. */
  readonly retryAfterSeconds?: number;
}

/** A refused command. Expected outcomes are values, never this. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly faults: readonly FieldFault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.hint = options.hint;
    this.faults = options.faults ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** True when `error` is a DomainError, of the given code if one is given. */
export const isDomainError = (error: unknown, code?: ErrorCode): error is DomainError =>
  error instanceof DomainError && (code === undefined || error.code === code);
