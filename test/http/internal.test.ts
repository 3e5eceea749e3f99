/** What Google's services and our own builds call. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import type { InternalOptions } from '../../src/http/routes/internal.ts';
import { type Bench, openBench } from './bench/open-bench.ts';

let bench: Bench;
let calls: string[];
const internal: InternalOptions = {
  isPlace: (_ref, token) => token === 'good' || token === 'late',
  output: (ref, token, text) => {
    calls.push(`output ${ref} ${token} ${text}`);
    return token === 'good' ? 'taken' : 'refused';
  },
  buildChanged: () => void calls.push('changed'),
  isInvoker: async (token) => token === 'invoker',
  round: async () => {
    calls.push('round');
    return { claimed: 2, active: 1 };
  },
  nudge: async () => void calls.push('nudge'),
};
const isUserId = (text: string): text is UserId => text !== '';
beforeAll(async () => {
  bench = await openBench({
    internal,
    iapUser: async (assertion) =>
      assertion === 'signed' && isUserId('ann@team.example') ? ('ann@team.example' as UserId) : null,
  });
});
afterAll(() => bench.close());
beforeEach(() => {
  calls = [];
});
const invoker = { authorization: 'Bearer invoker' };
const event = (status: string) => ({
  message: { attributes: { buildId: 'b', status }, data: 'e30=' },
  subscription: 's',
});

describe('the endpoints for Google’s services', () => {
  it.each(['/internal/reconcile', '/internal/build-events'])(
    '%s takes nobody without a genuine token',
    async (path) => {
      for (const headers of [{}, { authorization: 'Bearer other' }, { authorization: 'invoker' }]) {
        const answer = await bench.call('POST', path, event('SUCCESS'), headers);
        expect(answer.status).toBe(401);
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
      }
      expect(calls).toEqual([]);
    },
  );

  it('drive runs on within the request, again and again', async () => {
    for (let count = 0; count < 2; count += 1) {
      const answer = await bench.call('POST', '/internal/reconcile', undefined, invoker);
      expect([answer.status, await answer.json()]).toEqual([200, { claimed: 2, active: 1 }]);
    }
    expect(calls).toEqual(['round', 'round']);
  });

  it('look at once when a build has changed, and drive on when it is over', async () => {
    for (const status of ['WORKING', 'SUCCESS', 'SUCCESS', 'QUEUED']) {
      expect((await bench.call('POST', '/internal/build-events', event(status), invoker)).status).toBe(204);
    }
    expect(calls).toEqual(['changed', 'changed', 'nudge', 'changed', 'nudge', 'changed']);
  });

  it.each(['', 'no json', '[]', '{"message":{"attributes":{"status":7}}}'])(
    'acknowledge %j, which would only come again',
    async (body) => {
      expect((await bench.call('POST', '/internal/build-events', body, invoker)).status).toBe(204);
      expect(calls).toEqual(['changed']);
    },
  );

  it('are not there where nothing uses them', async () => {
    const app = (await openBench()).app;
    expect((await app.request('/internal/reconcile', { method: 'POST' })).status).toBe(404);
  });
});

describe('the output of a place', () => {
  const PATH = '/internal/output/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/1';
  it('is taken with the token of that place alone', async () => {
    const good = await bench.call('POST', PATH, 'frames', {
      authorization: 'Bearer good',
      'content-type': 'text/plain',
    });
    expect([good.status, await good.json()]).toEqual([200, { taken: true }]);
    expect(calls).toEqual(['output 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/1 good frames']);
    calls = [];
    for (const token of ['x', 'late']) {
      expect((await bench.call('POST', PATH, 'frames', { authorization: `Bearer ${token}` })).status).toBe(401);
    }
    const large = 'x'.repeat(8_388_609);
    // Not even read when it is nobody's.
    expect((await bench.call('POST', PATH, large, { authorization: 'Bearer x' })).status).toBe(401);
    expect(calls).toEqual([`output ${PATH.slice('/internal/output/'.length)} late frames`]);
    expect((await bench.call('POST', PATH, large, { authorization: 'Bearer good' })).status).toBe(413);
  });
});

describe('Identity-Aware Proxy', () => {
  const me = (headers: Record<string, string>) =>
    bench
      .appWith({ auth: 'iap', publicUrl: 'https://slipway.example' })
      .request('https://slipway.example/me', { headers });

  it('names the user by its signed assertion, and by nothing else', async () => {
    const answer = await me({ 'x-goog-iap-jwt-assertion': 'signed', 'x-user-id': 'somebody' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ userId: 'ann@team.example', auth: 'iap' });
    for (const headers of [
      {},
      { 'x-goog-iap-jwt-assertion': 'forged' },
      { 'x-goog-authenticated-user-email': 'ann@team.example' },
    ]) {
      expect((await me({ ...headers, 'x-user-id': 'ann@team.example' })).status).toBe(401);
    }
  });

  it('does not keep other sites from being refused, since a browser brings its cookie by itself', async () => {
    const app = bench.appWith({ auth: 'iap', publicUrl: 'https://slipway.example' });
    const headers = { 'x-goog-iap-jwt-assertion': 'signed', origin: 'https://evil.example', host: 'slipway.example' };
    expect((await app.request('https://slipway.example/runs', { method: 'POST', headers })).status).toBe(403);
  });
});
