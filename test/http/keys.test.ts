/** API keys over HTTP: each user's own, the secret once, and nothing kept of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyCreatedView, KeyView } from '../../src/api/key-schemas.ts';
import { schemas } from '../../src/api/schemas.ts';
import type { UserId } from '../../src/core/ids.ts';
import { createKey } from '../../src/engine/keys.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';

let bench: Bench;
let ada: Record<string, string>;
let eve: Record<string, string>;
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
beforeAll(async () => {
  bench = await openBench({ auth: 'api-key' });
  ada = bearer((await createKey(bench.engine, 'ada' as UserId, 'first')).secret);
  eve = bearer((await createKey(bench.engine, 'eve' as UserId, 'hers')).secret);
});
afterAll(() => bench.close());

const make = async (name: string): Promise<KeyCreatedView> => {
  const response = await bench.call('POST', '/keys', { name }, ada);
  expect(response.status).toBe(201);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return readJson<KeyCreatedView>(response);
};
const listed = async (who: Record<string, string>): Promise<KeyView[]> =>
  (await readJson<{ data: KeyView[] }>(await bench.call('GET', '/keys', undefined, who))).data;
const opens = async (secret: string): Promise<number> =>
  (await bench.call('GET', '/me', undefined, bearer(secret))).status;

describe('with keys', () => {
  it('makes one that opens the API for whoever made it, and shows its secret this once', async () => {
    const made = await make('  build server ');
    expect(schemas.KeyCreated.strict().safeParse(made).error).toBeUndefined();
    expect(made.key).toMatchObject({ name: 'build server', prefix: made.secret.slice(0, 12) });
    expect(made.key).not.toHaveProperty('revokedAt');
    expect(await opens(made.secret)).toBe(200);
    const text = JSON.stringify(await listed(ada));
    expect(text).toContain(made.key.id);
    expect(text).not.toContain(made.secret);
    expect(text).not.toContain('hash');
    expect(JSON.stringify(bench.lines)).not.toContain(made.secret);
  });

  it('lists the newest first, to their owner alone, with the last use', async () => {
    bench.clock.advance(1);
    const { key } = await make('newest');
    const keys = await listed(ada);
    expect(keys[0]).toEqual(key);
    expect(keys.find(({ name }) => name === 'first')).toMatchObject({ lastUsedAt: '2026-03-01T12:00:00.000Z' });
    expect((await listed(eve)).map(({ name }) => name)).toEqual(['hers']);
  });

  it('revokes one for good, and goes on listing it', async () => {
    const { key, secret } = await make('lost laptop');
    const revoke = (who: Record<string, string>) => bench.call('DELETE', `/keys/${key.id}`, undefined, who);
    await expectProblem(await revoke(eve), { code: 'not_found', detail: `There is no key ${key.id}.` });
    expect(await opens(secret)).toBe(200);
    expect((await revoke(ada)).status).toBe(204);
    expect(await opens(secret)).toBe(401);
    expect((await listed(ada)).find(({ id }) => id === key.id)?.revokedAt).toBe(
      new Date(bench.clock.now()).toISOString(),
    );
    expect((await revoke(ada)).status).toBe(204);
  });

  it('refuses an Idempotency-Key, since it would have to keep the secret', async () => {
    const before = await listed(ada);
    const response = await bench.call('POST', '/keys', { name: 'x' }, { ...ada, 'idempotency-key': 'k' });
    const problem = await readJson<{ code: string; errors: object[] }>(response);
    expect(problem.code).toBe('invalid_request');
    expect(problem.errors).toEqual([
      {
        pointer: 'Idempotency-Key',
        message: 'is not taken here: the answer holds a secret, which is not kept for repetitions',
      },
    ]);
    expect(await listed(ada)).toEqual(before);
  });

  it.each([{}, { name: '' }, { name: 'a\u0007b' }, { name: 'x', userId: 'eve' }])('refuses %o', async (body) => {
    expect((await bench.call('POST', '/keys', body, ada)).status).toBe(400);
  });
});

it('makes none where nobody is asked for one', async () => {
  const open = bench.appWith({ auth: 'none' });
  const headers = { 'content-type': 'application/json', 'x-user-id': 'ada' };
  await expectProblem(await open.request('/keys', { method: 'POST', headers, body: '{"name":"later"}' }), {
    code: 'forbidden',
    detail: 'This server asks nobody for a key, so it makes none over HTTP.',
    hint: 'Make keys with `slipway keys create` on the machine of the server, and set SLIPWAY_AUTH=api-key.',
  });
  expect((await listed(ada)).map(({ name }) => name)).not.toContain('later');
});
