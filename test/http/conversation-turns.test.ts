/** What becomes of a message: it is kept, it waits its turn, and it is taken once. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, openBench } from './bench/open-bench.ts';
import { type Frame, framesOf } from './bench/read-stream.ts';
import { jsonOf, type TalkBench, talkOn } from './bench/talk-bench.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

let bench: Bench;
let talk: TalkBench;
beforeEach(async () => {
  bench = await openBench();
  talk = talkOn(bench);
});
afterEach(() => bench.close());

const newest = async () => (await jsonOf(await bench.call('GET', '/api/conversations'))).data[0];
const texts = async (id: string): Promise<string[]> =>
  (await talk.read(id)).messages.map(({ text }: { text: string }) => text);

describe('a message to a busy conversation', () => {
  it('is written down at once, waits, and is answered in its order', async () => {
    const one = talk.post({ message: 'one' });
    const first = await talk.current();
    const conversationId = first.conversationId ?? '';
    const two = talk.post({ message: 'two', conversationId });
    await expect.poll(() => talk.statuses(conversationId)).toEqual(['user pending', 'user waiting']);
    const three = talk.post({ message: 'three', conversationId, timezone: 'Asia/Seoul' });
    await expect.poll(() => talk.statuses(conversationId)).toEqual(['user pending', 'user waiting', 'user waiting']);
    const promised = (await talk.read(conversationId)).messages.map((message: { runId: string }) => message.runId);
    expect((await talk.queued()).map(({ id }) => id)).toEqual([first.id]);
    await talk.answer({ text: 'ONE' });
    expect((await jsonOf(await one)).text).toBe('ONE');
    const second = await talk.current();
    expect(second).toMatchObject({ id: promised[1], resumes: first.id, task: { prompt: 'two' } });
    await talk.answer({ text: 'TWO' });
    expect((await jsonOf(await two)).text).toBe('TWO');
    expect((await talk.current()).task.systemPrompt).toContain('Asia/Seoul');
    await talk.answer({ text: 'THREE' });
    expect((await jsonOf(await three)).text).toBe('THREE');
    expect(await texts(conversationId)).toEqual(['one', 'ONE', 'two', 'TWO', 'three', 'THREE']);
    expect(await newest()).toMatchObject({ activeRunId: null });
  });

  it('is answered also when the turn before it fails, which is kept to be sent again', async () => {
    const one = talk.post({ message: 'one' });
    const conversationId = (await talk.current()).conversationId ?? '';
    const two = talk.post({ message: 'two', conversationId });
    await expect.poll(() => talk.statuses(conversationId)).toHaveLength(2);
    await talk.fail();
    expect((await one).status).toBe(502);
    await talk.answer({ text: 'TWO' });
    expect((await two).status).toBe(200);
    expect(await talk.statuses(conversationId)).toEqual(['user failed', 'user done', 'assistant done']);
  });

  it('is refused when many wait already, and not kept', async () => {
    void talk.post({ message: 'one' });
    const conversationId = (await talk.current()).conversationId ?? '';
    for (let count = 1; count <= 8; count += 1) {
      void talk.post({ message: `more ${count}`, conversationId });
      await expect.poll(() => talk.statuses(conversationId)).toHaveLength(count + 1);
    }
    const refused = await talk.post({ message: 'too many', conversationId });
    expect(refused.status).toBe(409);
    expect((await jsonOf(refused)).hint).toContain('not taken');
    expect(await talk.statuses(conversationId)).toHaveLength(9);
  });

  it('is told as waiting in the stream, then as started', async () => {
    void talk.post({ message: 'one' });
    const conversationId = (await talk.current()).conversationId ?? '';
    const answer = await talk.post({ message: 'two', conversationId }, { accept: 'text/event-stream' });
    const heard = framesOf(answer.body);
    const next = async (): Promise<Frame | undefined> => {
      const { value, done } = await heard.next();
      return done !== true && value.comment !== null ? next() : value;
    };
    const waiting = await next();
    expect(waiting).toMatchObject({ event: 'waiting', data: { conversationId } });
    await talk.answer({ text: 'ONE' });
    expect(await next()).toMatchObject({ event: 'started', data: waiting?.data });
    await talk.answer({ text: 'TWO' });
    expect(await next()).toMatchObject({ event: 'turn', data: { text: 'TWO' } });
    expect(await next()).toBeUndefined();
  });
});

describe('a turn with an Idempotency-Key', () => {
  const KEY = { 'idempotency-key': 'a-key' };

  it('is taken once; a repetition is given the same answer, in either form', async () => {
    const { body, headers } = await talk.turn({ message: 'one' }, { text: 'ONE', status: 'asking' }, KEY);
    expect(headers.has('idempotency-replayed')).toBe(false);
    expect(Object.keys(body).join(' ')).toBe('conversationId text status component agentCreated agent proposal runId');
    const again = await talk.post({ message: 'one' }, KEY);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await jsonOf(again)).toEqual(body);
    const streamed = await talk.post({ message: 'one' }, { ...KEY, accept: 'text/event-stream' });
    const frames = [];
    for await (const frame of framesOf(streamed.body)) if (frame.comment === null) frames.push(frame);
    expect(frames.map(({ event }) => event)).toEqual(['started', 'turn']);
    expect(frames[1]?.data).toEqual(body);
    expect((await talk.post({ message: 'other' }, KEY)).status).toBe(422);
    expect(await texts(body.conversationId)).toEqual(['one', 'ONE']);
  });

  it('is taken once when ten ask at once, in a conversation as well', async () => {
    const { body } = await talk.turn({ message: 'one' }, { text: 'ONE' });
    const said = { message: 'two', conversationId: body.conversationId };
    const calls = Array.from({ length: 10 }, () => talk.post(said, KEY));
    await talk.answer({ text: 'TWO' });
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await talk.post(said, KEY)).headers.get('idempotency-replayed')).toBe('true');
    expect(await texts(body.conversationId)).toEqual(['one', 'ONE', 'two', 'TWO']);
  });
});

describe('a user', () => {
  it('who asks too often is told to wait, and nothing is taken', async () => {
    const app = bench.appWith({ rateLimit: 1 });
    const call = () => app.request('/api/conversation', { method: 'POST', headers: JSON_TYPE, body: '{"message":""}' });
    const answers = await Promise.all(Array.from({ length: 5 }, call));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(await newest()).toBeUndefined();
  });

  it('whose model account is used up is told so, with what was kept', async () => {
    const waiting = talk.post({ message: 'one' });
    await talk.fail({ code: 'usage_limited', message: 'A usage limit was reached.', hint: 'It resets at 3.' });
    const body = await jsonOf(await waiting);
    expect(body).toMatchObject({ status: 502, code: 'turn_failed' });
    expect(`${body.detail} ${body.hint}`).toMatch(/usage limit.*resets at 3.*was kept/);
  });

  it('can say no more than a conversation may hold', async () => {
    const { body } = await talk.turn({ message: 'one' }, { text: 'ANSWER' });
    const { conversationId } = body;
    const { conversations } = bench.engine.stores;
    const after = await conversations.update(conversationId, (present) => {
      const { design } = present;
      if (design === undefined) throw new Error('It has come to nothing.');
      return {
        conversation: { ...present, design: { ...design, length: (design.length ?? 0) + 3_999_990 } },
        messages: [],
      };
    });
    // What was said on both sides is counted.
    expect(after.design?.length).toBe(3_999_990 + 'oneANSWER'.length);
    await talk.turn({ message: 'two', conversationId }, { text: 'TWO' });
    const refused = await talk.post({ message: 'one more', conversationId });
    expect(refused.status).toBe(409);
    expect((await jsonOf(refused)).hint).toContain('Begin a new one');
    expect(await texts(conversationId)).toEqual(['one', 'ANSWER', 'two', 'TWO']);
  });
});

describe('a session that the model refuses', () => {
  it('is begun anew once with the messages, which the user does not notice', async () => {
    const { body } = await talk.turn({ message: 'one' }, { text: 'ONE' });
    const waiting = talk.post({ message: 'two', conversationId: body.conversationId });
    await talk.fail({ code: 'model_request_refused', message: 'Prompt is too long.' });
    expect(await talk.current()).toMatchObject({ resumes: 'messages', task: { prompt: 'two' } });
    await talk.answer({ text: 'TWO' });
    expect((await jsonOf(await waiting)).text).toBe('TWO');
    const failing = talk.post({ message: 'three', conversationId: body.conversationId });
    await talk.fail({ code: 'model_request_refused' });
    await talk.fail({ code: 'model_request_refused' });
    expect((await failing).status).toBe(502);
    expect((await talk.statuses(body.conversationId)).at(-1)).toBe('user failed');
  });
});

describe('a conversation about a run', () => {
  it('tells the model what became of it, also when the message is sent again', async () => {
    const { id } = await jsonOf(await bench.call('POST', '/runs', { prompt: 'Fetch <context> it' }));
    await bench.start(id);
    await bench.say(id, 'curl: host not found');
    const one = talk.post({ message: 'why?', runId: id });
    const { task } = await talk.current();
    expect(task.prompt).toMatch(/^<context kind="run">.*curl: host not found.*<\/context>\n\nwhy\?$/);
    // Nothing in it can end the block or begin another one.
    expect(task.prompt.match(/<\/?context/g)).toHaveLength(2);
    await talk.fail();
    expect((await one).status).toBe(502);
    void talk.post({ message: 'why?', conversationId: (await newest()).id });
    expect((await talk.current()).task.prompt).toContain('curl: host not found');
    const bob = { 'x-user-id': 'bob' };
    expect((await talk.post({ message: 'why?', runId: id }, bob)).status).toBe(404);
    expect((await jsonOf(await bench.call('GET', '/api/conversations', undefined, bob))).data).toEqual([]);
  });
});
