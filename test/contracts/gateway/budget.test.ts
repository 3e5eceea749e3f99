import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entered, openScene, type Reply, replyTo, type Scene, until } from './scene.ts';
import { answers, beginStream, endEvents, MODEL, sse, startEvent, streams, textEvent } from './scripted-upstream.ts';

// The model costs 3 dollars a million tokens in and 15 out.
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());
beforeEach(() => {
  scene.upstream.seen.length = 0;
  scene.witness.readings.length = 0;
});

/** A request for an answer of so many tokens at most. */
const answerOf = (maxTokens: number) => ({ body: { model: MODEL, stream: true, max_tokens: maxTokens } });

const refused = (reply: Reply, text: string): void => {
  expect(reply).toMatchObject({ status: 400, text: expect.stringContaining(text) });
  expect(JSON.parse(reply.text)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  expect(reply.headers['x-should-retry']).toBe('false');
};

describe('the budget', () => {
  it('lets the answer through that reaches it, and no further request', async () => {
    const way = await scene.enter(0.01);
    scene.upstream.answer(streams(startEvent(2_000), textEvent('x'), ...endEvents(300)));
    expect(await way.ask()).toMatchObject({ status: 200, text: expect.stringContaining('message_stop') });
    expect(scene.witness.get(way.run.id).stop).toMatchObject({ reason: 'budget_reached' });
    refused(await way.ask(), 'budget_reached');
    expect(scene.upstream.seen).toHaveLength(1);
  });

  it('cuts an answer in the middle, by an estimate that is recorded', async () => {
    const way = await scene.enter(0.01);
    let closed = false;
    scene.upstream.answer(async (response) => {
      response.on('close', () => (closed = true));
      beginStream(response);
      response.write(sse(startEvent(1_000)));
      for (let count = 0; count < 1_000 && !response.destroyed; count += 1) {
        response.write(sse(textEvent('x'.repeat(400))));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const reply = await way.ask();
    expect(reply.text).toContain('event: error\ndata: {"type":"error","error":{"type":"invalid_request_error"');
    expect(reply.text).toContain('reached its budget of $0.01');
    await until(() => closed);
    const [reading] = scene.witness.readings;
    // 0.003 for the input leave 467 tokens of output: five pieces of a hundred.
    expect(reading).toMatchObject({ inputTokens: 1_000, estimated: true });
    expect(reading?.outputTokens).toBeGreaterThanOrEqual(467);
    expect(scene.witness.get(way.run.id)).toMatchObject({ stop: { reason: 'budget_reached' } });
    refused(await way.ask(), 'budget_reached');
  });

  it('is reached by requests in flight together, none of which reaches it alone', async () => {
    const way = await scene.enter(0.01);
    let open = 0;
    scene.upstream.answer((response) => {
      open += 1;
      beginStream(response);
      response.write(sse(startEvent(1_500)));
    });
    const replies: Promise<Reply>[] = [];
    for (let count = 1; count <= 3; count += 1) {
      replies.push(way.ask(answerOf(10)));
      await until(() => open === count);
    }
    const texts = (await Promise.all(replies)).map((reply) => reply.text);
    expect(texts.every((text) => text.includes('event: error'))).toBe(true);
    expect(scene.witness.get(way.run.id)).toMatchObject({ stop: { reason: 'budget_reached' } });
    expect(scene.witness.readings).toHaveLength(3);
    refused(await way.ask(), 'budget_reached');
  });

  it('ends the run even if its record, by rounding, has not reached it', async () => {
    const way = await scene.enter(0.01);
    const { metered } = scene.witness;
    scene.witness.metered = async (id) => scene.witness.get(id);
    scene.upstream.answer((response) => {
      beginStream(response);
      response.write(sse(startEvent(4_000)));
    });
    expect((await way.ask()).text).toContain('reached its budget');
    scene.witness.metered = metered;
    expect(scene.witness.get(way.run.id)).toMatchObject({ stop: { reason: 'budget_reached' } });
  });

  it('counts what was spent before the way was opened', async () => {
    const way = await scene.enter(0.01);
    await scene.witness.metered(way.run.id, {
      model: MODEL,
      inputTokens: 3_000,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWrite5mTokens: 0,
      cacheWrite1hTokens: 0,
      webSearches: 0,
      estimated: false,
    });
    const again = entered(way.run, await scene.another().open(way.run));
    scene.upstream.answer((response) => {
      beginStream(response);
      response.write(sse(startEvent(400)));
    });
    expect((await again.ask()).text).toContain('reached its budget');
  });

  it('of zero lets nothing through', async () => {
    const way = await scene.enter(0);
    refused(await way.ask(), 'reached its budget of $0.');
    expect(scene.witness.get(way.run.id)).toMatchObject({ stop: { reason: 'budget_reached' } });
    expect(scene.upstream.seen).toEqual([]);
  });

  it('does not hinder a run that stays below it, and counts each answer once', async () => {
    const way = await scene.enter(1);
    scene.upstream.answer(streams(startEvent(1_000), textEvent('x'), ...endEvents(100)));
    await Promise.all(Array.from({ length: 20 }, () => way.ask()));
    expect(scene.witness.get(way.run.id)).toMatchObject({ stop: null, tokenUsage: { inputTokens: 20_000 } });
    expect(scene.witness.get(way.run.id).costUsd).toBeCloseTo(20 * 0.0045, 10);
  });
});

describe('requests at the same time, of a run with a budget,', () => {
  /** Answers wait until the test lets the oldest go on; each uses 4,000 tokens, which cost six cents. */
  const answeredInTurn = () => {
    const waiting: (() => void)[] = [];
    scene.upstream.answer(async (response, request) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      streams(startEvent(100), textEvent('x'), ...endEvents(4_000))(response, request);
    });
    return { waiting, next: () => waiting.shift()?.() };
  };

  it('begin only while what all may cost fits; the budget is overshot by no more than one answer', async () => {
    const way = await scene.enter(0.1);
    const { waiting, next } = answeredInTurn();
    const replies = Array.from({ length: 5 }, () => way.ask(answerOf(4_000)));
    for (let count = 1; count <= 2; count += 1) {
      await until(() => waiting.length === 1);
      next();
    }
    const statuses = (await Promise.all(replies)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 400, 400, 400]);
    expect(scene.upstream.seen).toHaveLength(2);
    expect(scene.witness.get(way.run.id)).toMatchObject({ stop: { reason: 'budget_reached' } });
    expect(scene.witness.get(way.run.id).costUsd).toBeLessThan(0.1 + 0.0604);
  });

  it('go on side by side while there is enough for all', async () => {
    const way = await scene.enter(1);
    const { waiting, next } = answeredInTurn();
    const replies = Array.from({ length: 5 }, () => way.ask(answerOf(4_000)));
    await until(() => waiting.length === 5);
    while (waiting.length > 0) next();
    expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  it('are asked one at a time when they do not say how long their answers may be', async () => {
    const way = await scene.enter(1);
    const { waiting, next } = answeredInTurn();
    const replies = [way.ask(), way.ask()];
    await until(() => waiting.length === 1);
    expect(scene.upstream.seen).toHaveLength(1);
    next();
    await until(() => waiting.length === 1);
    next();
    await Promise.all(replies);
  });

  it('are not asked when their client has left, and keep nobody waiting', async () => {
    const way = await scene.enter(0.1);
    const { waiting, next } = answeredInTurn();
    const first = way.ask(answerOf(4_000));
    await until(() => waiting.length === 1);
    const leaves = way.begin(answerOf(4_000));
    await new Promise((resolve) => leaves.once('finish', resolve));
    const last = way.ask(answerOf(1_000));
    leaves.destroy();
    await until(() => waiting.length === 2);
    next();
    next();
    expect([(await first).status, (await last).status]).toEqual([200, 200]);
    expect(scene.upstream.seen).toHaveLength(2);
  });
});

describe('a model without a price', () => {
  const asks = (model: string) => ({ body: `{"messages":[{"content":"${'x'.repeat(200_000)}"}],"model":"${model}"}` });

  it('is not asked when the run has a budget', async () => {
    const way = await scene.enter(1);
    refused(await way.ask(asks('some-other-model')), 'price of some-other-model is not known');
    expect(scene.witness.get(way.run.id)).toMatchObject({
      stop: { reason: 'model_price_unknown', detail: 'some-other-model' },
    });
    expect(scene.upstream.seen).toEqual([]);
  });

  it('that answers in place of another is cut off', async () => {
    const way = await scene.enter(1);
    scene.upstream.answer((response) => {
      beginStream(response);
      response.write(sse(startEvent(10, 'some-other-model')));
    });
    expect((await way.ask()).text).toContain('price of some-other-model is not known');
    expect(scene.witness.get(way.run.id)).toMatchObject({ stop: { reason: 'model_price_unknown' }, costUsd: null });
  });

  it('is used freely without a budget, at a cost that is unknown and not zero', async () => {
    const way = await scene.enter();
    scene.upstream.answer(streams(startEvent(10, 'some-other-model'), ...endEvents()));
    expect(await way.ask(asks('some-other-model'))).toMatchObject({ status: 200 });
    expect(scene.witness.get(way.run.id)).toMatchObject({ stop: null, costUsd: null, model: 'some-other-model' });
  });

  it('may be counted for, which is free', async () => {
    const way = await scene.enter(1);
    scene.upstream.answer(answers(200, { input_tokens: 1 }));
    const reply = await way.ask({ ...asks('some-other-model'), path: '/v1/messages/count_tokens' });
    expect(reply).toMatchObject({ status: 200 });
  });
});

describe('a client that leaves', () => {
  it('pays for what it was sent', async () => {
    const way = await scene.enter();
    let closed = false;
    scene.upstream.answer((response) => {
      response.on('close', () => (closed = true));
      beginStream(response);
      response.write(sse(startEvent(50), textEvent('x'.repeat(40))));
    });
    const asked = way.begin();
    asked.once('response', (answer) => answer.once('data', () => asked.destroy()));
    await until(() => scene.witness.readings.length === 1 && closed);
    expect(scene.witness.readings).toMatchObject([{ inputTokens: 50, outputTokens: 10, estimated: true }]);
  });

  it('before the first word pays for the question it has asked', async () => {
    const way = await scene.enter();
    let begin = (): void => undefined;
    scene.upstream.answer(async (response) => {
      await new Promise<void>((resolve) => (begin = resolve));
      beginStream(response);
      // Two pieces: the first says nothing of the cost yet.
      await new Promise((resolve) => response.write(sse({ type: 'ping' }), resolve));
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.write(sse(startEvent(5_000)));
    });
    const asked = way.begin();
    await until(() => scene.upstream.seen.length === 1);
    asked.destroy();
    await new Promise((resolve) => asked.once('close', resolve));
    begin();
    await until(() => scene.witness.readings.length === 1);
    expect(scene.witness.readings).toMatchObject([{ inputTokens: 5_000, estimated: true }]);
  });

  it('in the middle of its question asks nothing', async () => {
    const way = await scene.enter();
    const asked = way.begin({ body: null, headers: { 'content-length': '1000' } });
    asked.write('{"model":');
    await until(() => scene.upstream.sockets.size > 0);
    asked.destroy();
    await expect(replyTo(asked)).rejects.toThrow();
    expect(await way.access.close()).toBeUndefined();
    expect(scene.upstream.seen).toEqual([]);
    expect(scene.witness.readings).toEqual([]);
  });
});
