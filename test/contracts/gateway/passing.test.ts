import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_PROXIES } from '../../../src/gateway/outgoing-proxy.ts';
import { entered, openScene, REAL_KEY, replyTo, type Scene } from './scene.ts';
import {
  answers,
  beginStream,
  blockEvent,
  endEvents,
  MODEL,
  sse,
  startEvent,
  streams,
  textEvent,
} from './scripted-upstream.ts';

const STREAM = [startEvent(), blockEvent, textEvent('안녕'), ...endEvents()];

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
beforeEach(() => {
  scene.upstream.seen.length = 0;
  scene.witness.readings.length = 0;
  scene.witness.beforeMetered = async () => undefined;
});

describe('what passes', () => {
  it('is a streamed answer, byte for byte, and its reading', async () => {
    const way = await scene.enter();
    scene.upstream.answer(streams(...STREAM));
    const reply = await way.ask();
    expect(reply).toMatchObject({ status: 200, text: sse(...STREAM), cut: false });
    expect(reply.headers['request-id']).toBe('req_1');
    expect(scene.witness.readings).toEqual([
      expect.objectContaining({ model: MODEL, inputTokens: 10, outputTokens: 5, estimated: false }),
    ]);
    expect(scene.witness.get(way.run.id).tokenUsage).toMatchObject({ inputTokens: 10, outputTokens: 5 });
  });

  it('is a request byte for byte, with the real key in place of the token', async () => {
    const way = await scene.enter();
    scene.upstream.answer(answers(200, { model: MODEL, usage: { input_tokens: 1, output_tokens: 2 } }));
    const body = `{"model":"${MODEL}","messages":[{"content":"$HOME \`x\` \\n 🌊 ${'x'.repeat(300_000)}"}]}`;
    await way.ask({
      body,
      headers: { 'anthropic-beta': 'a', 'anthropic-version': '2023-06-01', cookie: 'c', authorization: 'Bearer j' },
    });
    const [seen] = scene.upstream.seen;
    expect(seen?.url).toBe('/v1/messages?beta=true');
    expect(seen?.body.toString()).toBe(body);
    expect(seen?.headers).toMatchObject({
      'x-api-key': REAL_KEY,
      'anthropic-beta': 'a',
      'anthropic-version': '2023-06-01',
      'accept-encoding': 'identity',
    });
    expect(JSON.stringify(seen?.headers)).not.toContain(way.token);
    expect(Object.keys(seen?.headers ?? {})).not.toContain('authorization');
    expect(Object.keys(seen?.headers ?? {})).not.toContain('cookie');
    expect(scene.witness.readings).toMatchObject([{ inputTokens: 1, outputTokens: 2 }]);
  });

  it('is a count of tokens, for free', async () => {
    const way = await scene.enter();
    scene.upstream.answer(answers(200, { input_tokens: 7, usage: { input_tokens: 7 } }));
    const reply = await way.ask({ path: '/v1/messages/count_tokens' });
    expect(JSON.parse(reply.text)).toMatchObject({ input_tokens: 7 });
    expect(scene.witness.readings).toEqual([]);
  });

  it('is an answer that was compressed without being asked for, decoded and metered', async () => {
    const way = await scene.enter();
    scene.upstream.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(gzipSync(sse(...STREAM)));
    });
    const reply = await way.ask();
    expect(reply.text).toBe(sse(...STREAM));
    expect(reply.headers['content-encoding']).toBeUndefined();
    expect(scene.witness.readings).toHaveLength(1);
    scene.upstream.answer(answers(200, {}, { 'content-encoding': 'unheard-of' }));
    expect(await way.ask()).toMatchObject({ status: 502 });
  });

  it('goes below the path of the upstream address, on connections that are used again', async () => {
    const upstream = {
      baseUrl: `${scene.upstream.baseUrl}/proxy/anthropic/`,
      apiKey: null,
      authToken: 'real-token',
      proxies: NO_PROXIES,
      authorities: [],
    };
    const { run } = await scene.enter();
    const access = await scene.another({ upstream }).open(run);
    scene.upstream.answer(streams(...STREAM));
    scene.upstream.sockets.clear();
    for (let count = 0; count < 3; count += 1) await entered(run, access).ask();
    expect(scene.upstream.seen[0]?.url).toBe('/proxy/anthropic/v1/messages?beta=true');
    expect(scene.upstream.seen[0]?.headers).toMatchObject({ authorization: 'Bearer real-token' });
    expect(scene.upstream.sockets.size).toBe(1);
    await access.close();
  });

  it('leaves as it comes: the first event arrives while the answer is still being written', async () => {
    const way = await scene.enter();
    let goOn = (): void => undefined;
    scene.upstream.answer(async (response) => {
      beginStream(response);
      response.write(sse(startEvent(), textEvent('first')));
      await new Promise<void>((resolve) => (goOn = resolve));
      response.end(sse(...endEvents()));
    });
    const asked = way.begin();
    const reply = replyTo(asked);
    asked.once('response', (answer) => answer.once('data', () => goOn()));
    expect((await reply).cut).toBe(false);
  });
});

describe('the end of an answer', () => {
  it.each([
    ['a stream', streams(...STREAM), 'end_turn'],
    ['a body', answers(200, { model: MODEL, usage: { output_tokens: 9 }, x: 1 }), '}'],
  ])('of %s is passed on only after its reading is durable', async (_name, script, end) => {
    const way = await scene.enter();
    const free = answers(200, { input_tokens: 1 });
    scene.upstream.answer((response, request) =>
      (request.url.includes('count_tokens') ? free : script)(response, request),
    );
    const recording = Promise.withResolvers<void>();
    const durable = Promise.withResolvers<void>();
    scene.witness.beforeMetered = () => {
      recording.resolve();
      return durable.promise;
    };
    let text = '';
    const asked = way.begin();
    asked.once('response', (answer) => answer.setEncoding('utf8').on('data', (part: string) => (text += part)));
    const ended = new Promise((resolve) => asked.once('close', resolve));
    await recording.promise;
    // Another request goes there and back meanwhile: what had been let go would be here by then.
    await way.ask({ path: '/v1/messages/count_tokens' });
    const textBefore = text;
    durable.resolve();
    await ended;
    expect(textBefore).not.toContain(end);
    expect(text).toContain(end);
  });
});

describe('the real key', () => {
  it('is covered in bodies, streams and headers that echo it', async () => {
    const way = await scene.enter();
    scene.upstream.answer(
      answers(400, { error: { message: `bad key ${REAL_KEY}` } }, { 'x-echo': `Bearer ${REAL_KEY}` }),
    );
    const refused = await way.ask();
    scene.upstream.answer((response) => {
      beginStream(response);
      const text = sse(startEvent(), textEvent(`it is ${REAL_KEY}!`), ...endEvents());
      const middle = text.indexOf(REAL_KEY) + 10;
      response.write(text.slice(0, middle), () => setImmediate(() => response.end(text.slice(middle))));
    });
    const streamed = await way.ask();
    expect(refused.text).toContain(`bad key ${'*'.repeat(REAL_KEY.length)}`);
    expect(streamed.text).toContain(`it is ${'*'.repeat(REAL_KEY.length)}!`);
    expect(
      JSON.stringify([refused, streamed, scene.logged, scene.witness.events(way.run.id), way.access.env]),
    ).not.toContain(REAL_KEY);
  });

  it('does not follow a redirect', async () => {
    const stranger = createServer((_request, response) => response.end());
    let visits = 0;
    stranger.on('request', () => (visits += 1));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    const way = await scene.enter();
    scene.upstream.answer(answers(307, {}, { location: `http://127.0.0.1:${port}/` }));
    expect(await way.ask()).toMatchObject({ status: 502 });
    expect(visits).toBe(0);
    await new Promise((resolve) => stranger.close(resolve));
  });
});
