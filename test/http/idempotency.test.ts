/** Idempotency keys: on every operation that creates something, the first answer is the answer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunView } from '../../src/api/run-schemas.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';

let bench: Bench;
let agentId: string;
let overId: string;
beforeAll(async () => {
  bench = await openBench();
  ({ id: agentId } = await readJson<{ id: string }>(await bench.call('POST', '/agents', { name: 'n', prompt: 'p' })));
  ({ id: overId } = await readJson<{ id: string }>(await bench.call('POST', '/runs', { prompt: 'p' })));
  await bench.call('POST', `/runs/${overId}/cancel`);
});
afterAll(() => bench.close());

/** [address, body, the same body written otherwise, another body] */
const CREATING: readonly (readonly [string, () => string, string, string, object | null])[] = [
  [
    'POST /agents',
    () => '/agents',
    '{"name":"n","prompt":"p"}',
    ' { "prompt":"p", "name":"n" } ',
    { name: 'n', prompt: 'q' },
  ],
  [
    'POST /runs',
    () => '/runs',
    '{"prompt":"p","limits":{"cpus":1,"maxTurns":2}}',
    '{"limits":{"maxTurns":2,"cpus":1.0},"prompt":"p"}',
    { prompt: 'q' },
  ],
  ['POST /agents/{id}/run', () => `/agents/${agentId}/run`, '{"input":"x"}', '{"input":"\\u0078"}', { input: 'y' }],
  ['POST /runs/{id}/retry', () => `/runs/${overId}/retry`, '{}', ' {\n}', null],
];
const MISMATCH = {
  code: 'idempotency_mismatch',
  detail: 'This Idempotency-Key was used for another request.',
  hint: 'Nothing was created. Use a new key for a new request; a repetition must be the same in method, path and body.',
};
const KEPT = ['content-type', 'location', 'etag'];
const shownOf = async (response: Response) => ({
  status: response.status,
  body: await response.text(),
  headers: KEPT.map((name) => response.headers.get(name)),
});

describe.each(CREATING)('%s', (name, address, body, same, other) => {
  const key = (user: string): Record<string, string> => ({
    'idempotency-key': `key-of-${name.replace(/\W+/g, '-')}`,
    'x-user-id': user,
  });

  it('gives the first answer again, byte by byte', async () => {
    const first = await bench.call('POST', address(), body, key('local'));
    expect(first.headers.has('idempotency-replayed')).toBe(false);
    const shown = await shownOf(first);
    expect(shown.status).toBeLessThan(203);
    for (const text of [body, same]) {
      const again = await bench.call('POST', address(), text, key('local'));
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(await shownOf(again)).toEqual(shown);
    }
  });

  it('gives it again after a restart', async () => {
    const before = await shownOf(await bench.call('POST', address(), body, key('local')));
    const restarted = bench.appWith({});
    const headers = { ...key('local'), 'content-type': 'application/json' };
    const after = await restarted.request(address(), { method: 'POST', headers, body });
    expect(await shownOf(after)).toEqual(before);
  });

  it('refuses another body under the same key', async () => {
    if (other === null) return;
    await expectProblem(await bench.call('POST', address(), other, key('local')), MISMATCH);
  });

  it('refuses another address under the same key', async () => {
    const elsewhere = name === 'POST /runs' ? '/agents' : '/runs';
    const text = elsewhere === '/runs' ? { prompt: 'p' } : { name: 'n', prompt: 'p' };
    await expectProblem(await bench.call('POST', elsewhere, text, key('local')), MISMATCH);
  });

  it('creates once when ten ask at once', async () => {
    const headers = { ...key('local'), 'idempotency-key': `race-${name.replace(/\W+/g, '-')}` };
    const answers = await Promise.all(Array.from({ length: 10 }, () => bench.call('POST', address(), body, headers)));
    const created = answers.filter(({ status }) => status < 300);
    const refused = answers.filter(({ status }) => status === 409);
    expect(created.length + refused.length).toBe(10);
    expect(created.filter((answer) => !answer.headers.has('idempotency-replayed'))).toHaveLength(1);
    for (const answer of refused) {
      expect(answer.headers.get('retry-after')).toBe('1');
      await expectProblem(answer, {
        code: 'idempotency_in_flight',
        detail: 'The first request with this Idempotency-Key is still being answered.',
        hint: 'Send the same request again in a second; it will get the first answer.',
      });
    }
    const bodies = new Set(await Promise.all(created.map((answer) => answer.text())));
    expect(bodies.size).toBe(1);
  });
});

describe('a key', () => {
  const post = (key: string, body: object = { prompt: 'p' }, user = 'local') =>
    bench.call('POST', '/runs', body, { 'idempotency-key': key, 'x-user-id': user });

  it('is one user’s own', async () => {
    const mine = await readJson<RunView>(await post('shared'));
    const yours = await readJson<RunView>(await post('shared', { prompt: 'another' }, 'other'));
    expect(yours.userId).toBe('other');
    expect(yours.id).not.toBe(mine.id);
  });

  it('is not used up by a request that was refused', async () => {
    expect((await post('again', { prompt: '' })).status).toBe(400);
    expect((await post('again')).status).toBe(202);
  });

  it('is good for 24 hours', async () => {
    const first = await readJson<RunView>(await post('day'));
    bench.clock.advance(24 * 3_600_000 - 1);
    expect((await readJson<RunView>(await post('day'))).id).toBe(first.id);
    bench.clock.advance(1);
    expect((await readJson<RunView>(await post('day'))).id).not.toBe(first.id);
  });

  it('whose first request is being answered makes the second wait', async () => {
    const { stores } = bench.engine;
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const find: typeof stores.idempotency.find = async (...args) => {
      entered.resolve();
      await gate.promise;
      return stores.idempotency.find(...args);
    };
    const app = bench.appWith({
      engine: { ...bench.engine, stores: { ...stores, idempotency: { ...stores.idempotency, find } } },
    });
    const ask = async () =>
      app.request('/runs', {
        method: 'POST',
        headers: { 'idempotency-key': 'slow', 'content-type': 'application/json' },
        body: '{"prompt":"p"}',
      });
    const first = ask();
    await entered.promise;
    await expectProblem(await ask(), {
      code: 'idempotency_in_flight',
      detail: 'The first request with this Idempotency-Key is still being answered.',
      hint: 'Send the same request again in a second; it will get the first answer.',
    });
    gate.resolve();
    const answer = await (await first).text();
    expect(await (await ask()).text()).toBe(answer);
  });

  it('that another process was quicker with gets that one’s answer', async () => {
    // The other process commits between this one's look and its write.
    const { stores } = bench.engine;
    let raced = false;
    const find: typeof stores.idempotency.find = async (...args) => {
      const found = await stores.idempotency.find(...args);
      if (!raced) {
        raced = true;
        await post('lost');
      }
      return found;
    };
    const slow = bench.appWith({
      engine: { ...bench.engine, stores: { ...stores, idempotency: { ...stores.idempotency, find } } },
    });
    const headers = { 'idempotency-key': 'lost', 'content-type': 'application/json' };
    const answer = await slow.request('/runs', { method: 'POST', headers, body: '{"prompt":"p"}' });
    expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([202, 'true']);
    expect(await answer.text()).toBe(await (await post('lost')).text());
  });
});
