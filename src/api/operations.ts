/**
 * The operations of the HTTP API: what each takes and answers. The server binds a handler to each, and the OpenAPI
 * document is made of the same values.
 */
import type { z } from 'zod';
import type { WireErrorCode } from './errors.ts';
import { NoQuery } from './query-schemas.ts';
import type { SchemaName } from './schemas.ts';

export interface HeaderNote {
  readonly name: string;
  readonly description: string;
}

/** A successful answer: a named schema, or bytes of some media type, or nothing. */
export interface Answer {
  readonly description: string;
  readonly schema?: SchemaName;
  readonly media?: readonly string[];
  /** What a `text/event-stream` may hold. */
  readonly stream?: string;
  readonly headers?: readonly HeaderNote[];
}

export interface Operation<Query extends z.ZodType = z.ZodType, Body extends z.ZodType | null = z.ZodType | null> {
  /** `operationId` of the document. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** With `{name}` for what varies. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Needs no authentication. */
  readonly open?: true;
  readonly query: Query;
  readonly headers?: readonly HeaderNote[];
  readonly body: Body;
  readonly bodyName?: SchemaName;
  /** Bodies that can be sent as they are, by a name that says what for. */
  readonly examples?: Readonly<Record<string, unknown>>;
  /** A request without a body is read as `{}`. */
  readonly bodyOptional?: true;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Refusals of its own, beside those that every operation can meet. */
  readonly refusals: readonly WireErrorCode[];
}

type Optional<Query extends z.ZodType, Body extends z.ZodType | null> = Partial<
  Pick<Operation<Query, Body>, 'query' | 'body' | 'refusals'>
>;

/** An operation with the defaults filled in: no query, no body, no refusals of its own. */
export const operation = <Query extends z.ZodType = typeof NoQuery, Body extends z.ZodType | null = null>(
  given: Omit<Operation<Query, Body>, 'query' | 'body' | 'refusals'> & Optional<Query, Body>,
): Operation<Query, Body> =>
  // The defaults stand for the type parameters' own defaults, which only the caller can name.
  ({ query: NoQuery, body: null, refusals: [], ...given }) as unknown as Operation<Query, Body>;

export const IDEMPOTENCY_KEY: HeaderNote = {
  name: 'Idempotency-Key',
  description:
    '1 to 255 visible ASCII characters. Within 24 hours the same key with the same request is given the first answer again, with `Idempotency-Replayed: true`; with another request, 422; while the first is being answered, 409.',
};
export const IF_MATCH: HeaderNote = {
  name: 'If-Match',
  description: 'The `ETag` of the agent that the change is meant for, its revision in quotes, or `*`.',
};
export const ETAG: HeaderNote = {
  name: 'ETag',
  description: 'The revision in quotes; once there are runs, followed by a mark of their sums.',
};

/** How an operation that takes an `Idempotency-Key` can refuse a repetition. */
export const REPLAYABLE = ['idempotency_in_flight', 'idempotency_mismatch'] as const;
