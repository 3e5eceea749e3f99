/** Conversations whose server dies, or cannot write: nothing that was accepted is lost. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConversations } from '../../src/conversation/conversations.ts';
import { fileTurn } from '../../src/conversation/file-turn.ts';
import { tendUnsettled } from '../../src/conversation/tend.ts';
import { DomainError } from '../../src/core/errors.ts';
import type { Engine } from '../../src/engine/deps.ts';
import { type Bench, openBench } from './bench/open-bench.ts';
import { jsonOf, type TalkBench, talkOn } from './bench/talk-bench.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

let bench: Bench;
let talk: TalkBench;
beforeEach(async () => {
  bench = await openBench();
  talk = talkOn(bench);
});
afterEach(() => bench.close());

/** A server whose process dies where it would queue a run: the call never comes back. */
const dying = (insert: Engine['stores']['runs']['insert'] = () => new Promise(() => undefined)): Engine => {
  const { stores } = bench.engine;
  return { ...bench.engine, stores: { ...stores, runs: { ...stores.runs, insert } } };
};
const postTo = (engine: Engine, body: object) =>
  bench.appWith({ engine, talk: createConversations(engine) }).request('/api/conversation', {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(body),
  });
/** Another process looks, after what the dead one had touched is old enough. */
const takeOver = async (): Promise<void> => {
  bench.clock.advance(6_000);
  await tendUnsettled(bench.engine);
};
const newest = async () => (await jsonOf(await bench.call('GET', '/api/conversations'))).data[0];
const texts = async (id: string): Promise<string[]> =>
  (await talk.read(id)).messages.map(({ text }: { text: string }) => text);

describe('a server that dies', () => {
  it('between writing a first message and queueing its run loses nothing', async () => {
    void postTo(dying(), { message: 'hello', timezone: 'Asia/Seoul' });
    await expect.poll(newest).toMatchObject({ title: 'hello' });
    expect(await talk.queued()).toEqual([]);
    await takeOver();
    await takeOver();
    expect((await talk.current()).task.prompt).toBe('hello');
    await talk.answer({ text: 'Hi' });
    expect(await texts((await newest()).id)).toEqual(['hello', 'Hi']);
  });

  it('between writing a later message and queueing its run loses nothing', async () => {
    const { body } = await talk.turn({ message: 'one' }, { text: 'ONE' });
    void postTo(dying(), { message: 'two', conversationId: body.conversationId });
    await expect.poll(() => talk.statuses(body.conversationId)).toHaveLength(3);
    await takeOver();
    expect(await talk.current()).toMatchObject({ task: { prompt: 'two' }, resumes: body.runId });
    await talk.answer({ text: 'TWO' });
    expect(await texts(body.conversationId)).toEqual(['one', 'ONE', 'two', 'TWO']);
  });

  it('after the end of a run, before it is filed, loses neither the answer nor who waits', async () => {
    void talk.post({ message: 'one' });
    const conversationId = (await talk.current()).conversationId ?? '';
    void talk.post({ message: 'two', conversationId });
    await expect.poll(() => talk.statuses(conversationId)).toHaveLength(2);
    const run = await talk.answerUnfiled({ text: 'ONE' });
    void fileTurn(dying(), run);
    await expect.poll(async () => (await newest()).activeRunId).not.toBe(run.id);
    await takeOver();
    expect((await talk.current()).task.prompt).toBe('two');
    await talk.answer({ text: 'TWO' });
    expect(await texts(conversationId)).toEqual(['one', 'ONE', 'two', 'TWO']);
  });

  it('before it asks for a correction leaves it to the next', async () => {
    void talk.post({ message: 'one' });
    const run = await talk.answerUnfiled({ text: 'So?', proposal: { name: 'N' } });
    void fileTurn(dying(), run);
    await expect.poll(async () => (await newest()).activeRunId).not.toBe(run.id);
    await takeOver();
    const correction = await talk.current();
    expect(correction.resumes).toBe(run.id);
    expect(correction.task.prompt).toMatch(/not accepted[\s\S]*prompt/);
  });
});

describe('an answer that broke off', () => {
  /** The turn's run as a new process finds it: the place is gone, or the program ended without its model. */
  const breakOff = async (message: string, failure: Parameters<TalkBench['fail']>[0], leases: number) => {
    const waiting = talk.post({ message });
    const { id } = await talk.current();
    await bench.engine.stores.runs.update(id, (run) => ({ run: { ...run, leaseToken: leases }, events: [] }));
    await talk.fail(failure);
    const { messages } = await talk.read((await newest()).id);
    return { error: messages[0].error, problem: await jsonOf(await waiting) };
  };

  it('says so in its message, and to who waits for it', async () => {
    const { error, problem } = await breakOff('every Monday', { code: 'place_lost', message: 'It is gone.' }, 0);
    expect(error).toEqual({
      code: 'server_stopped',
      message: 'The server was stopped while the answer was being written, and the answer broke off. It is gone.',
      hint: 'Your message was kept, and so was all that was said before; send it again.',
    });
    expect(problem).toMatchObject({ code: 'turn_failed', detail: error.message, hint: error.hint });
  });

  it('says so in Korean to who speaks Korean', async () => {
    const { error } = await breakOff('매주 월요일', { code: 'no_result', message: 'No result.', hint: 'Retry.' }, 1);
    expect(error).toEqual({
      code: 'server_stopped',
      message: '답변을 쓰는 도중에 서버가 멈춰 답변이 끊어졌습니다. (No result.)',
      hint: '보내신 메시지와 앞선 대화는 그대로 있습니다. 같은 메시지를 다시 보내 주세요.',
    });
  });

  it('is not blamed on a server that went on', async () => {
    const { error } = await breakOff('one', { code: 'no_result', message: 'No result.', hint: 'Retry.' }, 0);
    expect(error).toMatchObject({ code: 'no_result', message: 'The designer could not answer. No result.' });
  });
});

describe('a turn that failed for a reason of its own', () => {
  it('says it in Korean to who speaks Korean, with the English beside it', async () => {
    const waiting = talk.post({ message: '매주' });
    await talk.fail({ code: 'usage_limited', message: 'A limit was reached.' });
    expect((await jsonOf(await waiting)).detail).toBe('모델 서비스의 사용 한도에 걸렸습니다. (A limit was reached.)');
  });
});

describe('an answer that cannot be filed', () => {
  it('fails its turn, so that the talk can go on', async () => {
    const waiting = talk.post({ message: 'one' });
    await talk.answerUnfiled({ text: 'ONE' });
    const { stores } = bench.engine;
    const broken = {
      ...bench.engine,
      stores: { ...stores, runs: { ...stores.runs, get: () => Promise.reject(new Error('cannot be read')) } },
    };
    bench.clock.advance(6_000);
    await tendUnsettled(broken);
    const { id } = await newest();
    expect(await talk.statuses(id)).toEqual(['user failed']);
    await waiting;
    const away = { ...broken.stores.runs, get: () => Promise.reject(new DomainError('store_unavailable', 'Away.')) };
    void talk.post({ message: 'two', conversationId: id });
    await talk.current();
    bench.clock.advance(6_000);
    await expect(tendUnsettled({ ...broken, stores: { ...stores, runs: away } })).resolves.toBeUndefined();
    expect(await talk.statuses(id)).toEqual(['user failed', 'user pending']);
  });
});

describe('a message whose run cannot be queued', () => {
  it('is refused, and kept so that it can be sent again in its place', async () => {
    const away = new DomainError('store_unavailable', 'The disk is full.', { hint: 'Make room.' });
    const refused = await postTo(
      dying(() => Promise.reject(away)),
      { message: 'hello' },
    );
    expect(refused.status).toBe(503);
    const { id } = await newest();
    expect(await talk.statuses(id)).toEqual(['user failed']);
    await talk.turn({ message: 'hello', conversationId: id }, { text: 'Hi' });
    expect(await texts(id)).toEqual(['hello', 'Hi']);
  });
});
