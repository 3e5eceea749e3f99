/** The server itself: health, readiness, metrics, documents, headers, the log, and faults of our own. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument, operationList } from '../../src/api/openapi.ts';
import { schemas } from '../../src/api/schemas.ts';
import { DomainError } from '../../src/core/errors.ts';
import type { Stores } from '../../src/ports/stores.ts';
import { expectProblem } from './bench/expect-problem.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { readJson } from './bench/read-json.ts';

const FINDINGS = [
  { part: 'bubblewrap', status: 'missing', detail: 'not found in /usr/bin', mend: 'apt-get install bubblewrap' },
  { part: 'cgroups', status: 'ok', detail: 'version 2', mend: null },
] as const;

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const appOver: Bench['appWith'] = (other) => bench.appWith(other);

describe('health', () => {
  it('is ok when the process answers', async () => {
    const response = await bench.call('GET', '/healthz');
    expect([response.status, await readJson(response)]).toEqual([200, { status: 'ok' }]);
  });

  it('is ready, or says what is missing and what mends it', async () => {
    expect((await bench.call('GET', '/readyz')).status).toBe(200);
    const ready = async () => ({ ready: false, findings: FINDINGS });
    const response = await appOver({ ready }).request('/readyz');
    const body = await readJson(response);
    expect([response.status, body]).toEqual([
      503,
      {
        ready: false,
        findings: [FINDINGS[0], { part: 'cgroups', status: 'ok', detail: 'version 2' }],
      },
    ]);
    expect(schemas.Ready.strict().safeParse(body).error).toBeUndefined();
  });

  it('tells strangers which part it is, and no more', async () => {
    const ready = async () => ({ ready: false, findings: FINDINGS });
    const response = await appOver({ ready, auth: 'api-key' }).request('/readyz');
    const parts = FINDINGS.map(({ part, status }) => ({ part, status }));
    expect(await readJson(response)).toEqual({ ready: false, findings: parts });
  });

  it('gives the metrics as text', async () => {
    const response = await bench.call('GET', '/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toBe('slipway_up 1\n');
  });
});

describe('documents', () => {
  it('serves the OpenAPI document that its own sources make', async () => {
    expect(await readJson(await bench.call('GET', '/openapi.json'))).toEqual(openApiDocument('1.2.3'));
  });

  it('leads from / to /ui, and from there to the reference', async () => {
    const root = await bench.call('GET', '/');
    expect([root.status, root.headers.get('location')]).toEqual([302, '/ui']);
    const home = await bench.call('GET', '/ui');
    expect(home.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await home.text()).toContain('<a href="/docs">');
  });

  it('says on its page that the demo model answers', async () => {
    expect(await (await bench.call('GET', '/ui')).text()).not.toContain('Demo model');
    expect(await (await appOver({ demo: true }).request('/ui')).text()).toContain('Demo model');
  });

  it('has a reference of every operation and schema, whole in itself', async () => {
    const response = await bench.call('GET', '/docs');
    const text = await response.text();
    for (const { id, path } of operationList) {
      expect(text).toContain(`id="${id}"`);
      expect(text).toContain(path);
    }
    for (const name of Object.keys(schemas)) expect(text).toContain(`id="schema-${name}"`);
    for (const [, anchor] of text.matchAll(/href="#([^"]+)"/g)) expect(text).toContain(`id="${anchor}"`);
    expect(text).not.toMatch(/(?:src|href)="(?!\/|#)/);
    expect(text).not.toMatch(/<script|\son\w+=|undefined|\[object/);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]+=*'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
  });
});

describe('every answer', () => {
  it.each([
    ['GET', '/me'],
    ['GET', '/nope'],
    ['PUT', '/runs'],
    ['GET', '/docs'],
    ['GET', '/'],
  ])('has the security headers: %s %s', async (method, path) => {
    const response = await bench.call(method, path);
    const names = ['x-content-type-options', 'x-frame-options', 'referrer-policy', 'cross-origin-resource-policy'];
    expect(names.map((name) => response.headers.get(name))).toEqual(['nosniff', 'DENY', 'no-referrer', 'same-origin']);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('carries the request id that it was given, if that is one', async () => {
    const idOf = async (id: string) =>
      (await bench.call('GET', '/me', undefined, { 'x-request-id': id })).headers.get('x-request-id');
    expect(await idOf('abc-1.2_3')).toBe('abc-1.2_3');
    for (const bad of ['a b', 'x'.repeat(129), '<script>', '']) expect(await idOf(bad)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('to HEAD is that to GET without its body', async () => {
    for (const path of ['/me', '/agents', '/healthz', '/docs']) {
      const [head, get] = [await bench.call('HEAD', path), await bench.call('GET', path)];
      expect([head.status, await head.text()]).toEqual([get.status, '']);
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    }
  });

  it('is noted in the log by pattern, without address, query and body', async () => {
    bench.lines.length = 0;
    const served: unknown[] = [];
    await appOver({ onServed: (one) => served.push(one) }).request(
      '/runs/0198f1a2-0000-7000-8000-00000000000a?x=secret',
      {
        headers: { 'x-user-id': 'ada', 'x-request-id': 'r1' },
      },
    );
    const line = { method: 'GET', route: '/runs/{runId}', status: 400, ms: 0 };
    expect(bench.lines).toEqual([
      { level: 'info', message: 'request', fields: { requestId: 'r1', userId: 'ada', ...line } },
    ]);
    expect(served).toEqual([line]);
  });
});

describe('faults of our own', () => {
  const failing = (error: unknown): Stores => {
    const fail = async () => {
      throw error;
    };
    return { ...bench.engine.stores, runs: { ...bench.engine.stores.runs, get: fail, insert: fail, list: fail } };
  };
  const ask = (error: unknown, method: string, path: string) => {
    const app = appOver({ engine: { ...bench.engine, stores: failing(error) } });
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
    return app.request(path, method === 'GET' ? {} : { method, headers, body: '{"prompt":"p"}' });
  };
  const RUN = '/runs/0198f1a2-0000-7000-8000-00000000000a';
  const SECRET = 'password=hunter2 at /var/lib/db';

  it.each([
    ['GET', RUN],
    ['GET', '/runs'],
    ['GET', `${RUN}/events`],
    ['POST', '/runs'],
  ])('are told as 500 without their cause, which is in the log: %s %s', async (method, path) => {
    bench.lines.length = 0;
    const response = await ask(new TypeError(SECRET), method, path);
    expect(JSON.stringify([...response.headers])).not.toContain('hunter2');
    await expectProblem(response, {
      code: 'internal',
      detail: 'The request could not be answered because of a fault in the server.',
      hint: 'Tell the operator the requestId; the server log has the cause. Whether the request took effect is not known.',
    });
    const logged = bench.lines.find(({ level }) => level === 'error')?.fields.err;
    expect(logged).toBeInstanceOf(TypeError);
  });

  it.each([
    ['GET', RUN],
    ['POST', '/runs'],
  ])('are told as 503 when the database is away: %s %s', async (method, path) => {
    const response = await ask(new DomainError('store_unavailable', SECRET, { hint: SECRET }), method, path);
    expect(response.headers.get('retry-after')).toBe('5');
    await expectProblem(response, {
      code: 'store_unavailable',
      detail: 'A part that the server needs is not available at the moment.',
      hint: 'Try again in a few seconds, with the same Idempotency-Key if the request creates something.',
    });
  });

  it('do not hold an idempotency key', async () => {
    const key = { 'idempotency-key': 'after-fault' };
    expect((await ask(new TypeError('x'), 'POST', '/runs')).status).toBe(500);
    expect((await bench.call('POST', '/runs', { prompt: 'p' }, key)).status).toBe(202);
  });

  it('may be thrown as anything', async () => {
    expect((await ask(new Error('x', { cause: 'y' }), 'GET', RUN)).status).toBe(500);
  });
});

describe('a body that is too large', () => {
  it('is refused by what it says of itself, before it is sent', async () => {
    const { port } = await bench.listen();
    const headers = { 'content-type': 'application/json', 'content-length': String(5 * 2 ** 30) };
    const status = await new Promise<number | undefined>((resolve) => {
      const asking = request({ port, host: '127.0.0.1', method: 'POST', path: '/runs', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
        asking.destroy();
      });
      asking.on('error', () => undefined);
      asking.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('is refused at its 1 MiB when it says nothing, and not read to its end', async () => {
    const { port } = await bench.listen();
    const sent = { bytes: 0 };
    const status = await new Promise<number | undefined>((resolve) => {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
      const sending = request({ port, host: '127.0.0.1', method: 'POST', path: '/runs', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
        sending.destroy();
      });
      sending.on('error', () => undefined);
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const send = (): void => {
        if (sending.destroyed) return;
        sent.bytes += chunk.length;
        sending.write(chunk, () => setImmediate(send));
      };
      send();
    });
    expect(status).toBe(413);
    expect(sent.bytes).toBeLessThan(64 * 1024 * 1024);
  });
});
