import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_PROXIES } from '../../../src/gateway/outgoing-proxy.ts';
import { createManualClock } from './manual-clock.ts';
import { type Entered, entered, openScene, REAL_KEY, type Scene, until } from './scene.ts';
import { answers, beginStream, endEvents, MODEL, sse, startEvent, streams, textEvent } from './scripted-upstream.ts';

const clock = createManualClock();
let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ clock });
});
afterAll(() => scene.close());
beforeEach(() => {
  scene.upstream.seen.length = 0;
  scene.witness.readings.length = 0;
  scene.witness.beforeMetered = async () => undefined;
});

const apiError = (type: string) => ({ type: 'error', error: { type, message: `${type} of ${REAL_KEY}` } });
const logs = (way: Entered) =>
  scene.witness.events(way.run.id).flatMap((event) => (event.type === 'log' ? [event.data.text] : []));

describe('credentials that the model service refuses', () => {
  it.each([401, 403])('end the run at once, with the answer of status %d passed on', async (status) => {
    const way = await scene.enter();
    scene.upstream.answer(answers(status, apiError('authentication_error'), { 'request-id': 'req_9' }));
    const reply = await way.ask();
    expect(reply).toMatchObject({ status, text: expect.stringContaining('authentication_error') });
    expect(reply.headers['x-should-retry']).toBe('false');
    const { stop } = scene.witness.get(way.run.id);
    expect(stop).toMatchObject({
      reason: 'model_credentials_refused',
      detail: expect.stringContaining(`HTTP ${status}`),
    });
    expect(stop?.detail).toContain('req_9');
    expect(JSON.stringify([stop, reply])).not.toContain(REAL_KEY);
  });

  it('do not end it where only counting is forbidden', async () => {
    const way = await scene.enter();
    scene.upstream.answer(answers(403, apiError('permission_error')));
    expect(await way.ask({ path: '/v1/messages/count_tokens' })).toMatchObject({ status: 403 });
    expect(scene.witness.get(way.run.id).stop).toBeNull();
  });
});

describe('limits and faults of the model service', () => {
  it.each([
    [429, 'rate_limit_error', 'The model service answered 429 (rate or usage limit); retry-after: 30.'],
    [529, 'overloaded_error', 'The model service answered 529 (overloaded); retry-after: 30.'],
    [500, 'api_error', 'The model service answered 500 (server error); retry-after: 30.'],
  ])('pass with status %d, and are noted once a minute', async (status, type, text) => {
    const way = await scene.enter();
    const headers = { 'retry-after': '30', 'anthropic-ratelimit-requests-remaining': '0' };
    scene.upstream.answer(answers(status, apiError(type), headers));
    for (let count = 0; count < 4; count += 1) {
      expect(await way.ask()).toMatchObject({ status, headers });
    }
    expect(logs(way)).toEqual([text]);
    clock.advance(60_000);
    await way.ask();
    expect(logs(way)).toEqual([text, `${text} (and 3 times since it was last noted)`]);
    expect(scene.witness.get(way.run.id).stop).toBeNull();
  });

  it('pass with a bad request, which is nobody’s fault but the job’s', async () => {
    const way = await scene.enter();
    scene.upstream.answer(answers(400, apiError('invalid_request_error')));
    expect(await way.ask()).toMatchObject({ status: 400, text: expect.stringContaining('invalid_request_error') });
    expect(scene.witness.events(way.run.id)).toEqual([]);
  });

  it('are told in the API’s form when it cannot be reached', async () => {
    const { run } = await scene.enter();
    const upstream = {
      baseUrl: 'http://127.0.0.1:1',
      apiKey: REAL_KEY,
      authToken: null,
      proxies: NO_PROXIES,
      authorities: [],
    };
    const way = entered(run, await scene.another({ upstream }).open(run));
    const reply = await way.ask();
    expect(reply.status).toBe(502);
    expect(JSON.parse(reply.text)).toEqual({
      type: 'error',
      error: { type: 'api_error', message: 'The model service cannot be reached (ECONNREFUSED).' },
    });
    expect(logs(way)).toEqual(['The model service cannot be reached (ECONNREFUSED).']);
  });

  it('are told when it hangs up without an answer', async () => {
    const way = await scene.enter();
    scene.upstream.answer((response) => response.destroy());
    expect(await way.ask()).toMatchObject({ status: 502, text: expect.stringContaining('cannot be reached') });
  });
});

describe('an answer that is cut', () => {
  it('by the model service is recorded by estimate, and cut for the job as well', async () => {
    const way = await scene.enter();
    scene.upstream.answer((response) => {
      beginStream(response);
      response.write(sse(startEvent(10), textEvent('x'.repeat(80))), () => setImmediate(() => response.destroy()));
    });
    const reply = await way.ask();
    expect(reply).toMatchObject({ status: 200, cut: true });
    expect(scene.witness.readings).toMatchObject([{ inputTokens: 10, outputTokens: 20, estimated: true }]);
    await until(() => logs(way).length > 0);
    expect(logs(way)).toEqual(['The model service cut its answer short.']);
  });

  it('by an error event, or ends without its last event, is an estimate as well', async () => {
    const way = await scene.enter();
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    scene.upstream.answer(streams(startEvent(10), textEvent('x'.repeat(80)), error));
    expect(await way.ask()).toMatchObject({ cut: false, text: expect.stringContaining('overloaded_error') });
    expect(scene.witness.readings).toMatchObject([{ outputTokens: 20, estimated: true }]);
  });
});

describe('silence', () => {
  it('before the first byte is ended', async () => {
    const way = await scene.enter();
    let gone = false;
    scene.upstream.answer((response) => response.on('close', () => (gone = true)));
    const reply = way.ask();
    await until(() => scene.upstream.seen.length === 1);
    clock.advance(599_000);
    clock.advance(1_000);
    expect(await reply).toMatchObject({ status: 502, text: expect.stringContaining('silent for 600 s') });
    expect(logs(way)).toHaveLength(1);
    await until(() => gone);
  });

  it('within an answer is ended, and what had arrived is recorded', async () => {
    const way = await scene.enter();
    scene.upstream.answer((response) => {
      beginStream(response);
      response.write(sse(startEvent(10), textEvent('x'.repeat(80))));
    });
    const asked = way.begin();
    const text = Promise.withResolvers<string>();
    const arrived = Promise.withResolvers<void>();
    asked.once('response', (answer) => {
      let all = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        all += part;
        arrived.resolve();
      });
      answer.once('end', () => text.resolve(all));
    });
    await arrived.promise;
    clock.advance(600_000);
    expect(await text.promise).toContain('silent for 600 s');
    expect(scene.witness.readings).toMatchObject([{ outputTokens: 20, estimated: true }]);
  });
});

describe('a record that cannot be written', () => {
  it('withholds the end of the answer, and says what it would have been', async () => {
    const way = await scene.enter();
    scene.witness.beforeMetered = () => Promise.reject(new Error('disk full'));
    scene.upstream.answer(answers(200, { model: MODEL, usage: { input_tokens: 3, output_tokens: 4 } }));
    expect(await way.ask()).toMatchObject({ cut: true, text: '' });
    expect(scene.logged.join('\n')).toContain('"outputTokens":4');
    scene.upstream.answer(streams(startEvent(), textEvent('x'), ...endEvents()));
    const reply = await way.ask();
    expect(reply.text).toContain('could not be recorded');
    expect(reply.text).not.toContain('message_stop');
  });

  it('refuses the request when it cannot be read', async () => {
    const way = await scene.enter();
    const { find } = scene.witness;
    scene.witness.find = () => Promise.reject(new Error('disk full'));
    expect(await way.ask()).toMatchObject({ status: 503, text: expect.stringContaining('api_error') });
    scene.witness.find = find;
    expect(scene.upstream.seen).toEqual([]);
  });
});
