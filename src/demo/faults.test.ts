import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCENARIOS } from './scenarios.ts';
import { type DemoModel, openDemoModel } from './server.ts';

let model: DemoModel;
beforeAll(async () => {
  model = await openDemoModel();
});
afterAll(() => model.close());

const post = (prompt: string, stream: boolean, session = 's1', signal?: AbortSignal): Promise<Response> =>
  fetch(`${model.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-claude-code-session-id': session },
    body: JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: prompt }] }),
    ...(signal === undefined ? {} : { signal }),
  });

describe('faults', () => {
  it.each([
    ['error-400', 400, 'invalid_request_error'],
    ['error-401', 401, 'authentication_error'],
    ['error-403', 403, 'permission_error'],
    ['error-404', 404, 'not_found_error'],
    ['error-413', 413, 'request_too_large'],
    ['error-429-forever', 429, 'rate_limit_error'],
    ['error-500-forever', 500, 'api_error'],
    ['error-529-forever', 529, 'overloaded_error'],
  ])('%s, each time', async (name, status, type) => {
    for (const stream of [true, false, true]) {
      const response = await post(`[[demo:${name}]]`, stream);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ type: 'error', error: { type }, request_id: expect.any(String) });
    }
  });

  it('fails once for each session, then answers, however it is asked again', async () => {
    for (const session of ['a', 'b']) {
      const first = await post('[[demo:error-429]]', true, session);
      expect(first.status).toBe(429);
      expect(first.headers.get('retry-after')).toBe('1');
      expect((await post('[[demo:error-429]]', false, session)).status).toBe(200);
    }
  });

  it('cuts the connection in mid-stream, in mid-event and in a whole body', async () => {
    await expect(post('[[demo:cut]]', true, 'c').then((response) => response.text())).rejects.toThrow();
    expect(await (await post('[[demo:cut]]', true, 'c')).text()).toContain('message_stop');
    await expect(post('[[demo:cut-bytes]]', true, 'c').then((response) => response.text())).rejects.toThrow();
    await expect(post('[[demo:cut-forever]]', false).then((response) => response.text())).rejects.toThrow();
  });

  it('puts an error into a stream', async () => {
    const text = await (await post('[[demo:stream-error]]', true)).text();
    expect(text).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error"/);
    expect(text).not.toContain('message_stop');
    expect((await post('[[demo:stream-error]]', false)).status).toBe(529);
  });

  it('falls silent before the headers', async () => {
    const gone = new AbortController();
    const before = model.requests().length;
    const answer = post('[[demo:stall]]', true, 's', gone.signal);
    await expect.poll(() => model.requests().length).toBe(before + 1);
    gone.abort();
    await expect(answer).rejects.toThrow('abort');
  });

  it('falls silent in mid-stream, and lets go when it closes', async () => {
    const own = await openDemoModel();
    const client = request(`${own.url}/v1/messages`, { method: 'POST' });
    client.on('error', () => undefined);
    client.end(JSON.stringify({ stream: true, messages: [{ role: 'user', content: '[[demo:stall-stream]]' }] }));
    const [response] = await once(client, 'response');
    let text = '';
    for await (const chunk of response) {
      text += chunk;
      if (text.includes('text_delta')) break;
    }
    expect(text).not.toContain('message_stop');
    await own.close();
    await own.close();
  });
});

describe('scripts', () => {
  it('are data', () => {
    expect(JSON.parse(JSON.stringify(SCENARIOS))).toEqual(SCENARIOS);
    for (const scenario of Object.values(SCENARIOS)) {
      expect(scenario.about).not.toBe('');
      expect(scenario.turns.length).toBeGreaterThan(0);
    }
  });
});
