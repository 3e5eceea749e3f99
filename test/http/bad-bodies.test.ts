/** Every operation that takes a body against every way in which a body can be wrong. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemView } from '../../src/api/system-schemas.ts';
import { minimal, named, openTried, type Tried } from './bench/every-operation.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { readJson } from './bench/read-json.ts';

let tried: Tried;
beforeAll(async () => {
  tried = await openTried();
});
afterAll(() => tried.bench.close());

const withBody = named(({ body }) => body !== null);
const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe.each(withBody)('%s', (_id, operation) => {
  it.each(['{', '{"prompt":', "{'a':1}", '{"a":1}x', 'NaN', '{"a":1,}'])('refuses the broken JSON %s', async (text) => {
    const response = await tried.call(operation, tried.addressOf(operation), text);
    expect(response.status).toBe(400);
    const { detail, ...problem } = await readJson<ProblemView>(response);
    expect(detail).toMatch(/^The body is not valid JSON( \(at character \d+\))?\.$/);
    expect(problem).toMatchObject({
      code: 'invalid_request',
      status: 400,
      type: 'urn:slipway:problem:invalid_request',
    });
  });

  it.each(['[]', '"text"', '7', 'null', 'true'])('refuses %s, which is no object', async (text) => {
    const response = await tried.call(operation, tried.addressOf(operation), text);
    const detail = 'The body must be an object.';
    await expectProblem(response, { code: 'invalid_request', detail, errors: [['', 'must be an object']] });
  });

  it('refuses unknown fields by name', async () => {
    const response = await tried.call(operation, tried.addressOf(operation), {
      ...minimal(operation),
      wat: 1,
      constructor: 2,
    });
    await expectProblem(response, {
      code: 'invalid_request',
      detail: '/wat is not a known field (and 1 more).',
      errors: [
        ['/wat', 'is not a known field'],
        ['/constructor', 'is not a known field'],
      ],
    });
  });

  it('refuses __proto__ wherever it stands', async () => {
    const response = await tried.call(
      operation,
      tried.addressOf(operation),
      '{"__proto__":{"a":1},"x":[{"__proto__":null}]}',
    );
    await expectProblem(response, {
      code: 'invalid_request',
      detail: '/__proto__ is not a name that a member may have (and 1 more).',
      errors: [
        ['/__proto__', 'is not a name that a member may have'],
        ['/x/0/__proto__', 'is not a name that a member may have'],
      ],
    });
    expect(({} as { a?: number }).a).toBeUndefined();
  });

  it('refuses NUL in a text and in a name', async () => {
    const response = await tried.call(operation, tried.addressOf(operation), '{"prompt":"a\\u0000b","x\\u0000":1}');
    await expectProblem(response, {
      code: 'invalid_request',
      detail: '/prompt must not hold the NUL character (and 1 more).',
      errors: [
        ['/prompt', 'must not hold the NUL character'],
        ['/x\0', 'must not hold the NUL character'],
      ],
    });
  });

  it.each([65, 100_000])('refuses %i levels of nesting', async (levels) => {
    const response = await tried.call(operation, tried.addressOf(operation), deep(levels));
    const message = 'is nested more than 64 levels deep';
    await expectProblem(response, { code: 'invalid_request', detail: `The body ${message}.`, errors: [['', message]] });
  });

  it('refuses what is no UTF-8', async () => {
    const response = await tried.call(operation, tried.addressOf(operation), new Uint8Array([0x22, 0xff, 0xfe, 0x22]));
    await expectProblem(response, { code: 'invalid_request', detail: 'The body is not valid UTF-8.' });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'multipart/form-data',
  ])('refuses the content type %s', async (type) => {
    const response = await tried.call(operation, tried.addressOf(operation), JSON.stringify(minimal(operation)), {
      'content-type': type,
    });
    const detail = 'The body is not declared as JSON in UTF-8.';
    const hint = 'Send `Content-Type: application/json`.';
    await expectProblem(response, { code: 'unsupported_media_type', detail, hint });
  });

  it.each(['gzip', 'br', 'identity, GZIP'])('refuses the content encoding %s', async (encoding) => {
    const response = await tried.call(operation, tried.addressOf(operation), gzipSync('{}'), {
      'content-encoding': encoding,
    });
    expect(response.headers.get('accept-encoding')).toBe('identity');
    await expectProblem(response, {
      code: 'unsupported_encoding',
      detail: 'The body has a Content-Encoding; only `identity` is supported.',
      hint: 'Send the JSON as it is, without Content-Encoding.',
    });
  });

  it('takes the content encoding identity, which says that there is none', async () => {
    const response = await tried.call(operation, tried.addressOf(operation), '{', { 'content-encoding': 'Identity' });
    expect(response.status).toBe(400);
  });

  it('refuses a body of more than 1 MiB', async () => {
    const response = await tried.call(operation, tried.addressOf(operation), `"${'x'.repeat(1024 * 1024)}"`);
    await expectProblem(response, {
      code: 'payload_too_large',
      detail: 'The body is larger than 1048576 bytes.',
      hint: 'Prompts may have 512 KiB. Let the agent fetch larger data from its source, or from a host in network.allow.',
    });
  });

  it('needs a body, unless every field may be left out', async () => {
    if (operation.bodyOptional) return;
    const response = await tried.call(operation, tried.addressOf(operation));
    await expectProblem(response, {
      code: 'invalid_request',
      detail: 'The body is missing.',
      errors: [['', 'is missing']],
    });
  });
});
