/** Binds operations to handlers: who is asking, how often, and what exactly, is settled before a handler is called. */
import type { Hono } from 'hono';
import type { z } from 'zod';
import { readQuery, readWith, refuse } from '../api/faults.ts';
import type { Operation } from '../api/operations.ts';
import { DomainError } from '../core/errors.ts';
import { type AgentId, type ConversationId, isUuid, type RunId, type UserId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import { AUTH_STRATEGIES } from './auth.ts';
import type { HttpContext, HttpEnv } from './context.ts';
import { DEFAULT_BODY_LIMIT_BYTES, DEFAULT_RATE_LIMIT, type HttpOptions } from './options.ts';
import { createRateLimit } from './rate-limit.ts';
import { readBody } from './read-body.ts';

/** A request, read. */
export interface Call<Query extends z.ZodType, Body extends z.ZodType | null> {
  readonly c: HttpContext;
  readonly query: z.output<Query>;
  readonly body: Body extends z.ZodType ? z.output<Body> : null;
  /** The body as it came, for its fingerprint. */
  readonly json: Json;
}

export type Handler<Query extends z.ZodType, Body extends z.ZodType | null> = (
  call: Call<Query, Body>,
) => Response | Promise<Response>;

export type Bind = <Query extends z.ZodType, Body extends z.ZodType | null>(
  operation: Operation<Query, Body>,
  handler: Handler<Query, Body>,
) => void;

/** `/runs/{runId}` → `/runs/:runId`; the last parameter of a path that is called `path` may hold slashes and all else. */
const patternOf = (path: string): string => path.replace('{path}', ':path{[\\s\\S]+}').replace(/\{(\w+)\}/g, ':$1');

const MISSING_BODY = [{ pointer: '', message: 'is missing' }];

/** Makes the function that binds operations to `app`. */
export const createBind = (app: Hono<HttpEnv>, options: HttpOptions): Bind => {
  const { engine } = options;
  const strategy = AUTH_STRATEGIES[options.auth](options);
  const takeToken = createRateLimit(options.rateLimit ?? DEFAULT_RATE_LIMIT);
  const bodyLimit = options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES;

  const admit = async (c: HttpContext): Promise<void> => {
    const userId = await strategy.identify(c.req.raw.headers);
    c.set('userId', userId);
    takeToken(userId, engine.clock.now());
  };

  const readJson = async (c: HttpContext, operation: Operation): Promise<Json> => {
    if (operation.body === null) return null;
    const json = await readBody(c.req.raw, bodyLimit);
    if (json !== undefined) return json;
    if (operation.bodyOptional) return {};
    throw refuse('body', MISSING_BODY);
  };

  return (operation, handler) => {
    app.on(operation.method.toUpperCase(), patternOf(operation.path), async (c) => {
      c.set('route', operation.path);
      if (!operation.open) await admit(c);
      const query = readQuery(operation.query, new URL(c.req.url).searchParams);
      const json = await readJson(c, operation);
      const body = operation.body === null ? null : readWith(operation.body, json, 'body');
      // `body` is what the operation's own schema gave; its type follows from the operation's.
      return handler({ c, query, json, body } as Parameters<typeof handler>[0]);
    });
  };
};

/** The user whom the request was let in for. */
export const userOf = (c: HttpContext): UserId => c.get('userId');

/** An id as a caller gave it. What is no id names nothing, so this is the same 404 that an unknown id gets. */
export const requireId = (text: string, noun: string): string => {
  if (!isUuid(text)) throw new DomainError('not_found', `There is no such ${noun}: its id is a lower-case UUID.`);
  return text;
};

const idOf = (c: HttpContext, name: string, noun: string): string => requireId(c.req.param(name) ?? '', noun);

export const agentIdOf = (c: HttpContext): AgentId => idOf(c, 'agentId', 'agent') as AgentId;
export const conversationIdOf = (c: HttpContext): ConversationId =>
  idOf(c, 'conversationId', 'conversation') as ConversationId;
export const runIdOf = (c: HttpContext): RunId => idOf(c, 'runId', 'run') as RunId;
