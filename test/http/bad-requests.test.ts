/** Every operation against every way in which a request can be wrong whatever it is about. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationList } from '../../src/api/openapi.ts';
import { bodyOf, minimal, named, openTried, type Tried, UNKNOWN_CONVERSATION } from './bench/every-operation.ts';
import { expectProblem } from './bench/expect-problem.ts';

const UNKNOWN = '0198f1a2-0000-7000-8000-000000000000';
let tried: Tried;
beforeAll(async () => {
  tried = await openTried();
});
afterAll(() => tried.bench.close());

const all = named(() => true);
const withId = named(({ path }) => path.includes('{'));
const withIfMatch = named(({ headers }) => headers?.some(({ name }) => name === 'If-Match') === true);
const withKey = named(({ headers }) => headers?.some(({ name }) => name === 'Idempotency-Key') === true);
const withPage = named(({ query }) => query.safeParse({ limit: '7' }).success);

it('knows every operation of the contract', () => {
  expect(operationList.map(({ method, path }) => `${method.toUpperCase()} ${path}`)).toEqual([
    'POST /agents',
    'GET /agents',
    'GET /agents/{agentId}',
    'PATCH /agents/{agentId}',
    'DELETE /agents/{agentId}',
    'POST /agents/{agentId}/run',
    'GET /agents/{agentId}/runs',
    'POST /api/conversation',
    'GET /api/conversations',
    'GET /api/conversations/{conversationId}',
    'DELETE /api/conversations/{conversationId}',
    'POST /api/conversations/{conversationId}/agent',
    'POST /api/conversations/{conversationId}/try',
    'POST /runs',
    'GET /runs',
    'GET /runs/{runId}',
    'GET /runs/{runId}/task',
    'GET /runs/{runId}/events',
    'POST /runs/{runId}/cancel',
    'POST /runs/{runId}/retry',
    'GET /runs/{runId}/artifacts',
    'GET /runs/{runId}/artifacts/{path}',
    'GET /runs/{runId}/diff',
    'GET /runs/{runId}/output',
    'GET /usage',
    'GET /me',
    'GET /metrics',
    'GET /healthz',
    'GET /readyz',
    'GET /openapi.json',
  ]);
});

describe.each(all)('%s', (_id, operation) => {
  it('refuses a method that the address does not take', async () => {
    const response = await tried.bench.call('PUT', tried.addressOf(operation));
    const methods = operationList
      .filter(({ path }) => path === operation.path)
      .map(({ method }) => method.toUpperCase());
    const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    expect(response.headers.get('allow')).toBe(allow);
    const detail = 'This address does not take PUT.';
    await expectProblem(response, { code: 'method_not_allowed', detail, hint: `It takes ${allow}.` });
  });

  it('refuses an unknown query parameter', async () => {
    const response = await tried.call(operation, `${tried.addressOf(operation)}?wat=1`);
    const detail = 'wat is not a known field.';
    await expectProblem(response, {
      code: 'invalid_request',
      detail,
      errors: [['wat', 'is not a known field']],
    });
  });

  it('refuses a query parameter that is given twice', async () => {
    const response = await tried.call(operation, `${tried.addressOf(operation)}?limit=1&limit=2`);
    const errors = [['limit', 'is given more than once']] as const;
    await expectProblem(response, { code: 'invalid_request', detail: 'limit is given more than once.', errors });
  });

  it('refuses a user id that is none', async () => {
    const response = await tried.call(operation, tried.addressOf(operation), undefined, { 'x-user-id': 'no spaces' });
    if (operation.open) return expect(response.status).toBe(200);
    const message = 'must be 1 to 128 letters, digits or ._@+:|-, beginning with a letter or a digit';
    const errors = [['x-user-id', message]] as const;
    return expectProblem(response, { code: 'invalid_request', detail: `x-user-id ${message}.`, errors });
  });
});

describe.each(withId)('%s', (_id, operation) => {
  const noun = /^\/(?:api\/)?(agent|run|conversation)s/.exec(operation.path)?.[1];

  it.each(['x', '1', UNKNOWN.toUpperCase(), '%00', '..%2f..%2fetc', "1' OR '1'='1"])(
    'finds nothing under %s',
    async (id) => {
      const response = await tried.call(
        operation,
        tried.addressOf(operation, { agent: id, run: id, conversation: id }),
        bodyOf(operation),
      );
      const detail = `There is no such ${noun}: its id is a lower-case UUID.`;
      await expectProblem(response, { code: 'not_found', detail });
    },
  );

  it('finds nothing under an unknown id', async () => {
    const response = await tried.call(
      operation,
      tried.addressOf(operation, { agent: UNKNOWN, run: UNKNOWN, conversation: UNKNOWN }),
      bodyOf(operation),
    );
    await expectProblem(response, { code: 'not_found', detail: `There is no ${noun} ${UNKNOWN}.` });
  });

  it("answers for another user's as for an unknown one", async () => {
    const id = { agent: tried.agentId, run: tried.runId, conversation: UNKNOWN_CONVERSATION }[noun ?? ''];
    const response = await tried.call(operation, tried.addressOf(operation), bodyOf(operation), {
      'x-user-id': 'mallory',
    });
    await expectProblem(response, { code: 'not_found', detail: `There is no ${noun} ${id}.` });
  });
});

describe.each(withKey)('%s', (_id, operation) => {
  it.each(['', 'two words', 'ü', 'x'.repeat(256)])('refuses the Idempotency-Key "%s"', async (key) => {
    const response = await tried.call(operation, tried.addressOf(operation), minimal(operation), {
      'idempotency-key': key,
    });
    const message = 'must be 1 to 255 visible ASCII characters';
    const errors = [['Idempotency-Key', message]] as const;
    await expectProblem(response, { code: 'invalid_request', detail: `Idempotency-Key ${message}.`, errors });
  });
});

describe.each(withIfMatch)('%s', (_id, operation) => {
  it.each(['"2"', 'W/"1"', '"2", "3"', '"x"', '""'])('refuses the stale If-Match %s', async (tag) => {
    const response = await tried.call(operation, tried.addressOf(operation), bodyOf(operation), { 'if-match': tag });
    await expectProblem(response, {
      code: 'stale_revision',
      detail: `Agent ${tried.agentId} is at revision 1, which If-Match does not name.`,
      hint: 'Nothing was changed. Read the agent again, and apply the change to what it is now.',
    });
  });

  it.each(['1', '"1', '*, "1"', '"1" "2"'])('refuses the broken If-Match %s', async (tag) => {
    const response = await tried.call(operation, tried.addressOf(operation), bodyOf(operation), { 'if-match': tag });
    const message = 'must be * or a list of entity tags in quotes, such as "3"';
    await expectProblem(response, {
      code: 'invalid_request',
      detail: `If-Match ${message}.`,
      errors: [['If-Match', message]],
    });
  });
});

describe.each(withPage)('%s', (_id, operation) => {
  it.each(['0', '201', '-1', '1.5', 'ten', '', '1e2'])('refuses limit=%s', async (limit) => {
    const response = await tried.call(operation, `${tried.addressOf(operation)}?limit=${limit}`);
    const message = 'must be a whole number from 1 to 200';
    await expectProblem(response, {
      code: 'invalid_request',
      detail: `limit ${message}.`,
      errors: [['limit', message]],
    });
  });

  it.each(['%00', 'a b', 'ä', `${'x'.repeat(513)}`, ''])('refuses page=%s', async (page) => {
    const response = await tried.call(operation, `${tried.addressOf(operation)}?page=${page}`);
    const message =
      operation.id === 'readEvents'
        ? 'must be the seq of an event, or 0'
        : 'must be a `nextPage` that an earlier answer gave';
    await expectProblem(response, { code: 'invalid_request', detail: `page ${message}.`, errors: [['page', message]] });
  });

  it('refuses a page that no answer gave', async () => {
    if (operation.id === 'readEvents') return;
    const response = await tried.call(operation, `${tried.addressOf(operation)}?page=bm9wZQ`);
    await expectProblem(response, {
      code: 'invalid_request',
      detail: 'The page is not one that an earlier answer named.',
      hint: 'Leave `page` out for the first page, then pass on `nextPage` as it is.',
      errors: [['page', 'is not a page of this list']],
    });
  });
});

it.each(['/nope', '/agents/', '//agents', '/api', '/runs/x/y/z', '/UI'])('finds nothing at %s', async (path) => {
  const response = await tried.bench.call('GET', path);
  await expectProblem(response, {
    code: 'not_found',
    detail: 'There is nothing at this address.',
    hint: 'GET /docs lists what there is.',
  });
});
