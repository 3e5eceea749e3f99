/** Who is let in: users without keys on this machine, pages of other sites, keys, and how often. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationList } from '../../src/api/openapi.ts';
import type { KeyId, UserId } from '../../src/core/ids.ts';
import { createKey, revokeKey } from '../../src/engine/keys.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';

describe('without keys', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({ publicUrl: 'https://slipway.example.com' });
  });
  afterAll(() => bench.close());

  it('everybody is the local user, or whom they say', async () => {
    const me = { userId: 'local', auth: 'none', demo: false, version: '1.2.3' };
    expect(await readJson(await bench.call('GET', '/me'))).toMatchObject(me);
    const { defaults } = await readJson<{ defaults: object }>(await bench.call('GET', '/me'));
    expect(defaults).toMatchObject({ permissionMode: 'acceptEdits', limits: { timeoutSeconds: 300, memoryMb: 1024 } });
    const other = await bench.call('GET', '/me', undefined, { 'x-user-id': 'ada@example.com' });
    expect(await readJson(other)).toMatchObject({ ...me, userId: 'ada@example.com' });
  });

  it.each([
    '127.0.0.1:8080',
    'localhost',
    'app.localhost:1',
    '[::1]:8080',
    'slipway.example.com',
    'slipway.example.com:443',
  ])('the host name %s is ours', async (host) => {
    expect((await bench.call('GET', '/me', undefined, { host })).status).toBe(200);
  });

  it.each([
    'evil.example.com',
    'localhost.evil.com',
    '127.0.0.1.evil.com',
    '10.0.0.1',
    'slipway.example.com.evil.com',
    '',
  ])('the host name "%s", which a page may have made to point here, is refused', async (host) => {
    for (const path of ['/me', '/healthz', '/docs', '/nope']) {
      await expectProblem(await bench.call('GET', path, undefined, { host }), {
        code: 'forbidden',
        detail: 'The server does not answer under this host name.',
        hint: 'Use http://127.0.0.1 or http://localhost, or set SLIPWAY_PUBLIC_URL to the address that you use.',
      });
    }
  });

  const post = (headers: Record<string, string>) => bench.call('POST', '/runs', { prompt: 'p' }, headers);

  it.each([
    { origin: 'https://evil.example.com' },
    { origin: 'null' },
    { origin: 'http://localhost:3000', host: 'localhost:8080' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://localhost', 'sec-fetch-site': 'cross-site' },
  ])('a page of another site cannot change anything: %j', async (headers) => {
    await expectProblem(await post(headers), {
      code: 'forbidden',
      detail: 'The request comes from a page of another site.',
      hint: 'Call the API from a program, or from a page under the same address.',
    });
  });

  it.each([
    {},
    { origin: 'http://localhost' },
    { origin: 'http://localhost:8080', host: 'localhost:8080', 'sec-fetch-site': 'same-origin' },
    { origin: 'https://slipway.example.com', host: '127.0.0.1:8080' },
    { 'sec-fetch-site': 'none' },
  ])('programs and our own pages can: %j', async (headers) => {
    expect((await post(headers)).status).toBe(202);
  });

  it('no page of another site is told anything by CORS', async () => {
    const response = await bench.call('OPTIONS', '/runs', undefined, { origin: 'http://localhost' });
    expect(response.status).toBe(405);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('with keys', () => {
  let bench: Bench;
  let secret: string;
  beforeAll(async () => {
    bench = await openBench({ auth: 'api-key' });
    ({ secret } = await createKey(bench.engine, 'ada' as UserId, 'laptop'));
  });
  afterAll(() => bench.close());
  const HINT = 'Send `Authorization: Bearer slw_…`. Keys are made with `slipway keys create`.';

  it.each(operationList.map((operation) => [operation.id, operation] as const))(
    '%s asks for one',
    async (_id, operation) => {
      const response = await bench.call(operation.method.toUpperCase(), operation.path.replace(/\{\w+\}/g, 'x'));
      if (operation.open) return expect(response.status).toBe(200);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="slipway"');
      return expectProblem(response, {
        code: 'unauthenticated',
        detail: 'The request carries no API key.',
        hint: HINT,
      });
    },
  );

  it.each(['Bearer slw_0000', 'Bearer', 'Bearer nonsense', 'Basic YTpi', 'slw_x'])(
    'refuses %s',
    async (authorization) => {
      const response = await bench.call('GET', '/me', undefined, { authorization });
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="slipway", error="invalid_token"');
      const detail = 'The API key is not known, or was revoked.';
      await expectProblem(response, { code: 'unauthenticated', detail, hint: HINT });
    },
  );

  it('lets the owner of a key in, whoever else they say they are, from any host and page', async () => {
    const headers = {
      authorization: `bearer ${secret}`,
      'x-user-id': 'eve',
      host: 'api.example.com',
      origin: 'https://x.example',
    };
    expect(await readJson(await bench.call('GET', '/me', undefined, headers))).toMatchObject({
      userId: 'ada',
      auth: 'api-key',
    });
    expect((await bench.call('POST', '/runs', { prompt: 'p' }, headers)).status).toBe(202);
  });

  it('refuses a key that was revoked', async () => {
    const { key, secret: other } = await createKey(bench.engine, 'ada' as UserId, 'phone');
    const headers = { authorization: `Bearer ${other}` };
    expect((await bench.call('GET', '/me', undefined, headers)).status).toBe(200);
    await revokeKey(bench.engine, 'ada' as UserId, key.id as KeyId);
    expect((await bench.call('GET', '/me', undefined, headers)).status).toBe(401);
  });

  it('writes no secret to the log', async () => {
    await bench.call('GET', `/runs?page=${secret}`, undefined, { authorization: `Bearer ${secret}` });
    expect(JSON.stringify(bench.lines)).not.toContain(secret);
  });
});

describe('how often', () => {
  it('a user may ask is limited, without a word to the others, and time heals it', async () => {
    const bench = await openBench({ rateLimit: 2 });
    const get = (user: string) => bench.call('GET', '/me', undefined, { 'x-user-id': user });
    for (let count = 0; count < 8; count += 1) expect((await get('ada')).status).toBe(200);
    const refused = await get('ada');
    expect(refused.headers.get('retry-after')).toBe('1');
    await expectProblem(refused, {
      code: 'rate_limited',
      detail: 'More than 2 requests a second, after a burst of 8.',
      hint: 'Wait as long as Retry-After says. To follow a run, read its events as a stream instead of polling.',
    });
    expect((await get('bob')).status).toBe(200);
    expect((await bench.call('GET', '/healthz', undefined, { 'x-user-id': 'ada' })).status).toBe(200);
    bench.clock.advance(500);
    expect((await get('ada')).status).toBe(200);
    expect((await get('ada')).status).toBe(429);
    bench.clock.advance(60_000);
    for (let count = 0; count < 8; count += 1) expect((await get('ada')).status).toBe(200);
    expect((await get('ada')).status).toBe(429);
    await bench.close();
  });
});
