/** Errors as answers. */
import { ERROR_MEANINGS, HttpError, headersOf, problemOf, statusOf } from '../api/errors.ts';
import { operationList } from '../api/openapi.ts';
import type { HttpContext } from './context.ts';
import type { HttpOptions } from './options.ts';
import { PAGE_PATHS } from './routes/pages.ts';

/** The problem document of `error` as an answer; what a client is not told goes into the log. */
export const sendProblem = (error: unknown, c: HttpContext, { logger }: Pick<HttpOptions, 'logger'>): Response => {
  const requestId = c.get('requestId');
  const status = statusOf(error);
  if (status >= ERROR_MEANINGS.internal.status) {
    logger.error({ err: error, requestId, route: c.get('route') ?? 'unmatched' }, 'a request failed');
  }
  const headers = { 'content-type': 'application/problem+json', ...headersOf(error) };
  return new Response(JSON.stringify(problemOf(error, requestId)), { status, headers });
};

const matcherOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replaceAll('.', '\\.')
      .replace('{path}', '[\\s\\S]+')
      .replace(/\{\w+\}/g, '[^/]+')}$`,
  );

const KNOWN = [
  ...operationList.map(({ path, method }) => ({ matcher: matcherOf(path), method: method.toUpperCase() })),
  ...PAGE_PATHS.map((path) => ({ matcher: matcherOf(path), method: 'GET' })),
];

/** Why nothing answered: the address is not known (404), or not with this method (405). */
export const unmatched = (c: HttpContext): HttpError => {
  const methods = KNOWN.filter(({ matcher }) => matcher.test(c.req.path)).map(({ method }) => method);
  if (methods.length === 0) {
    return new HttpError('not_found', 'There is nothing at this address.', { hint: 'GET /docs lists what there is.' });
  }
  const allow = [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(', ');
  return new HttpError('method_not_allowed', `This address does not take ${c.req.method}.`, {
    hint: `It takes ${allow}.`,
    headers: { allow },
  });
};
