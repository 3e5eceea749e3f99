/** Whether the credentials are good, asked of a model service over HTTP in every way that it may answer. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkModelService, type ModelServiceOptions } from '../../../src/gateway/check.ts';
import { NO_PROXIES } from '../../../src/gateway/outgoing-proxy.ts';
import type { Finding } from '../../../src/ports/executor.ts';
import { openConnectProxy } from '../../support/network/connect-proxy.ts';
import { openUpstream, type ScriptedUpstream } from './scripted-upstream.ts';

const KEY = 'sk-ant-api03-secret-in-no-finding';
const TOKEN = 'token-in-no-finding';

describe('the check of the model service', () => {
  let upstream: ScriptedUpstream;
  beforeEach(async () => {
    upstream = await openUpstream();
  });
  afterEach(() => upstream.close());

  const check = async (given: Partial<ModelServiceOptions> = {}): Promise<readonly Finding[]> => {
    const findings = await checkModelService({
      baseUrl: upstream.baseUrl,
      apiKey: KEY,
      authToken: null,
      proxies: NO_PROXIES,
      authorities: [],
      now: () => Date.now(),
      ...given,
    });
    // Whatever is said, no key is.
    const said = JSON.stringify(findings);
    for (const secret of [KEY, TOKEN, 'proxy-secret']) expect(said).not.toContain(secret);
    return findings;
  };
  const credentials = async (given: Partial<ModelServiceOptions> = {}) => (await check(given))[0];

  it('asks for the list of models, with the credentials and nothing else, and pays nothing', async () => {
    upstream.answer((response) => response.writeHead(200).end('{"data":[]}'));
    expect(await check({ authToken: TOKEN })).toEqual([
      { part: 'credentials', status: 'ok', detail: `accepted by ${upstream.baseUrl}`, mend: null },
      { part: 'clock', status: 'ok', detail: 'agrees with the model service', mend: null },
    ]);
    expect(upstream.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /v1/models?limit=1']);
    const { 'x-api-key': key, authorization } = upstream.seen[0]?.headers ?? {};
    expect([key, authorization]).toEqual([KEY, `Bearer ${TOKEN}`]);
  });

  it.each([
    [401, 'missing', 'refused'],
    [403, 'missing', 'may not use'],
    [301, 'missing', 'leads elsewhere'],
    [429, 'degraded', 'takes no more requests'],
    [500, 'degraded', 'fault of its own'],
    [529, 'degraded', 'fault of its own'],
  ])('understands HTTP %i', async (answer, status, detail) => {
    upstream.answer((response) => response.writeHead(answer, { location: 'http://elsewhere.invalid' }).end());
    expect(await credentials()).toMatchObject({
      status,
      detail: expect.stringContaining(detail),
      mend: expect.any(String),
    });
    expect(upstream.seen).toHaveLength(1);
  });

  it.each([
    [200, 'ok', 'accepted'],
    [400, 'ok', 'accepted'],
    [401, 'missing', 'refused'],
    [404, 'degraded', 'not tried'],
  ])('has tokens counted by a service without a list of models: HTTP %i', async (answer, status, detail) => {
    upstream.answer((response, { method }) => response.writeHead(method === 'GET' ? 404 : answer).end());
    expect(await credentials()).toMatchObject({ status, detail: expect.stringContaining(detail) });
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/v1/models?limit=1', '/v1/messages/count_tokens']);
  });

  it('asks nobody without credentials, or with ones that cannot be meant', async () => {
    expect(await credentials({ apiKey: null })).toMatchObject({
      status: 'missing',
      detail: expect.stringContaining('Neither'),
    });
    for (const apiKey of [`${KEY}\n`, `"${KEY}"`, `${KEY} ${KEY}`, `${KEY}é`]) {
      expect(await credentials({ apiKey })).toMatchObject({
        status: 'missing',
        detail: expect.stringContaining('ANTHROPIC_API_KEY is malformed'),
      });
    }
    expect((await credentials({ authToken: 'a b' }))?.detail).toContain('ANTHROPIC_AUTH_TOKEN is malformed');
    expect(upstream.seen).toEqual([]);
  });

  it('knows an OAuth token in the place of a key', async () => {
    upstream.answer((response) => response.writeHead(401).end());
    expect((await credentials({ apiKey: 'sk-ant-oat01-x' }))?.detail).toContain('belongs in ANTHROPIC_AUTH_TOKEN');
  });

  it('says how far the clock is off', async () => {
    const at = new Date(Date.now() + 3_600_000).toUTCString();
    upstream.answer((response) => response.writeHead(200, { date: at }).end());
    const [, clock] = await check();
    expect(clock).toMatchObject({ part: 'clock', status: 'degraded', mend: 'sudo timedatectl set-ntp true' });
    expect(clock?.detail).toMatch(/^3(599|600|601) s behind/);
  });

  it('says that nobody is there, that no answer came, and that the address is none', async () => {
    const baseUrl = upstream.baseUrl;
    await upstream.close();
    expect(await credentials({ baseUrl })).toMatchObject({
      status: 'missing',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    expect((await credentials({ baseUrl: 'https://model.invalid' }))?.detail).toMatch(
      /cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/,
    );
    expect((await credentials({ baseUrl: 'ftp://model.invalid' }))?.detail).toContain('not an http or https address');
    const silent = await openUpstream();
    silent.answer(() => undefined);
    expect((await credentials({ baseUrl: silent.baseUrl, timeoutMs: 300 }))?.detail).toContain('no answer in time');
    await silent.close();
  });

  it('names the proxy on the way without its password, and says when it refuses', async () => {
    upstream.answer((response) => response.writeHead(200).end());
    const proxy = await openConnectProxy(Number(new URL(upstream.baseUrl).port), 'me:proxy-secret');
    const proxies = { ...NO_PROXIES, http: `http://me:proxy-secret@127.0.0.1:${proxy.port}` };
    const [good, named] = await check({ baseUrl: 'http://model.invalid', proxies });
    expect([good?.status, named]).toEqual([
      'ok',
      {
        part: 'proxy',
        status: 'ok',
        detail: `http://127.0.0.1:${proxy.port}, with credentials, on the way to the model service`,
        mend: null,
      },
    ]);
    const wrong = { https: `http://127.0.0.1:${proxy.port}`, http: `http://127.0.0.1:${proxy.port}`, none: null };
    const plain = await credentials({ baseUrl: 'http://model.invalid', proxies: wrong });
    expect(plain).toMatchObject({ status: 'missing', detail: expect.stringContaining('asks for a password') });
    const tunnel = await credentials({ baseUrl: 'https://model.invalid', proxies: wrong });
    expect(tunnel).toMatchObject({ status: 'missing', mend: expect.stringContaining('export HTTPS_PROXY=') });
    expect(tunnel?.detail).toContain(`through http://127.0.0.1:${proxy.port}`);
    await proxy.close();
    const gone = await credentials({ baseUrl: 'http://model.invalid', proxies });
    expect(gone?.detail).toContain(`through http://127.0.0.1:${proxy.port}, with credentials (ECONNREFUSED)`);
    const socks = { ...NO_PROXIES, http: 'socks5://me:proxy-secret@proxy.invalid' };
    expect((await credentials({ baseUrl: 'http://model.invalid', proxies: socks }))?.detail).toContain(
      'HTTP_PROXY is not',
    );
  });
});
