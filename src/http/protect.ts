/** What every answer carries, and what is noted of every request. */
import type { MiddlewareHandler } from 'hono';
import { newId } from '../engine/new-id.ts';
import type { HttpEnv } from './context.ts';
import type { HttpOptions } from './options.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Set unless an answer has its own. */
const DEFAULT_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** The outermost layer: request id, security headers, one log line for each request. */
export const protect = ({ engine, logger, onServed }: HttpOptions): MiddlewareHandler<HttpEnv> => {
  const { clock } = engine;
  return async (c, next) => {
    const beganAt = clock.now();
    const given = c.req.header('x-request-id');
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : newId<string>(engine);
    c.set('requestId', requestId);
    await next();
    c.header('x-request-id', requestId);
    for (const [name, value] of Object.entries(DEFAULT_HEADERS)) {
      if (!c.res.headers.has(name)) c.header(name, value);
    }
    // Neither address nor query nor body: they may hold secrets. The pattern says enough.
    const route = c.get('route') ?? 'unmatched';
    const served = { method: c.req.method, route, status: c.res.status, ms: clock.now() - beganAt };
    logger.info({ requestId, userId: c.get('userId') ?? null, ...served }, 'request');
    onServed?.(served);
  };
};
