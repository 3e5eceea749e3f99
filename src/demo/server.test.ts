import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoModel, openDemoModel } from './server.ts';

let model: DemoModel;
beforeAll(async () => {
  model = await openDemoModel({
    scenarios: {
      custom: { about: 'A script of the caller.', turns: [{ blocks: [{ type: 'text', text: 'turn {{turn}}' }] }] },
    },
  });
});
afterAll(() => model.close());

interface Message {
  readonly role: string;
  readonly content: unknown;
}
const user = (content: unknown): Message => ({ role: 'user', content });

const post = (messages: readonly Message[], rest: object = {}, path = '/v1/messages'): Promise<Response> =>
  fetch(`${model.url}${path}?beta=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'some-model', max_tokens: 100, messages, ...rest }),
  });

interface Answer {
  readonly content: readonly { readonly type: string; readonly text: string; readonly input: object }[];
}

const ask = async (prompt: string, rest: object = {}): Promise<Answer> =>
  JSON.parse(await (await post([user(prompt)], rest)).text());

interface Frame {
  readonly event: string;
  readonly data: Record<string, unknown> & { delta?: Record<string, string> };
}

/** The frames of a stream, up to its end or break. */
const framesOf = async (response: Response): Promise<{ frames: Frame[]; whole: boolean }> => {
  let text = '';
  let whole = true;
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  } catch {
    whole = false;
  }
  const frames = text.split('\n\n').filter((frame) => /^event: .*\ndata: .*}$/.test(frame));
  const parsed = frames.map((frame) => {
    const [event = '', data = ''] = frame.split('\n').map((line) => line.slice(line.indexOf(' ') + 1));
    return { event, data: JSON.parse(data) };
  });
  return { frames: parsed, whole };
};

const stream = async (prompt: string, rest: object = {}) =>
  framesOf(await post([user(prompt)], { stream: true, ...rest }));
const written = (frames: readonly Frame[], key: string): string =>
  frames.map(({ data }) => data.delta?.[key] ?? '').join('');

describe('answers', () => {
  it('streams as the Messages API does', async () => {
    const response = await post([user('[[demo:thinking]]')], { stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('request-id')).toMatch(/^req_demo_\d+$/);
    const { frames } = await framesOf(response);
    const events = frames.map(({ event }) => event).filter((event, at, all) => event !== all[at - 1]);
    expect(events).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    for (const { event, data } of frames) expect(data.type).toBe(event);
    expect(frames[0]?.data).toMatchObject({
      message: { role: 'assistant', model: 'demo', content: [], stop_reason: null },
    });
    expect(written(frames, 'text')).toBe('42');
    expect(written(frames, 'thinking')).toContain('think');
    expect(frames.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: expect.any(Number) },
    });
  });

  it('answers whole without a stream, with the counts of its script', async () => {
    expect(await ask('[[demo:usage]]')).toMatchObject({
      type: 'message',
      content: [{ type: 'text', text: 'Counted.' }],
      stop_reason: 'end_turn',
      usage: {
        input_tokens: 1000,
        output_tokens: 200,
        cache_creation_input_tokens: 300,
        cache_read_input_tokens: 4000,
      },
    });
  });

  it('streams tool inputs in pieces, and takes the command from the prompt', async () => {
    const command = 'echo "한글 🚢" {{prompt}}\nexit 3';
    const { frames } = await stream(`[[demo:bash]] ${command}`);
    expect(frames.find(({ event }) => event === 'content_block_start')?.data).toMatchObject({
      content_block: { type: 'tool_use', name: 'Bash', input: {} },
    });
    expect(JSON.parse(written(frames, 'partial_json'))).toMatchObject({ command });
    expect(frames.at(-2)?.data).toMatchObject({ delta: { stop_reason: 'tool_use' } });
  });

  it('tells the digest of the prompt that it received', async () => {
    const prompt = '[[demo:echo]]\r\n"$HOME" \u2028 🚢';
    const digest = createHash('sha256').update(prompt).digest('hex');
    const { content } = await ask(prompt);
    expect(content[0]?.text).toBe(`sha256=${digest} bytes=${Buffer.byteLength(prompt)}\n"$HOME" \u2028 🚢`);
  });

  it('generates as many bytes as it is asked for', async () => {
    const { content } = await ask('[[demo:huge]] 1234567');
    expect(content[0]?.text).toHaveLength(1_234_567);
  });

  it('takes its turn from the request, not from memory', async () => {
    const history: Message[] = [
      user('[[demo:custom]] earlier'),
      { role: 'assistant', content: 'a' },
      user([
        { type: 'text', text: '<system-reminder>x</system-reminder>' },
        { type: 'text', text: '[[demo:custom]]' },
      ]),
      { role: 'assistant', content: 'b' },
      user([{ type: 'tool_result', tool_use_id: 't', content: 'c' }]),
      { role: 'assistant', content: 'd' },
      user('<system-reminder>go on</system-reminder>'),
    ];
    for (let again = 0; again < 2; again += 1) {
      expect(await (await post(history)).json()).toMatchObject({ content: [{ text: 'turn 2' }] });
    }
  });

  it('makes the smallest output that a schema allows', async () => {
    const input_schema = {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 12 },
        kind: { enum: ['a', 'b'] },
        list: { type: 'array', items: { type: 'integer', minimum: 2 }, minItems: 2 },
        either: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        spare: { type: 'string' },
      },
      required: ['name', 'kind', 'list', 'either'],
    };
    const { content } = await ask('[[demo:structured-ok]]', { tools: [{ name: 'StructuredOutput', input_schema }] });
    expect(content[0]?.input).toEqual({ name: 'demo name...', kind: 'a', list: [2, 2], either: null });
  });

  it('answers any prompt, with tools or without, and says what it is', async () => {
    const { content } = await ask('Whatever.');
    expect(content[0]?.text).toContain('scripted demo model');
    const tools = ['Write', 'Bash', 'Read'].map((name) => ({ name, input_schema: {} }));
    const system = [{ type: 'text', text: ' - Primary working directory: /srv/here\n' }];
    const first = await ask('Whatever.', { tools, system });
    expect(first.content.filter(({ type }) => type === 'tool_use')).toMatchObject([
      { name: 'Write', input: { file_path: '/srv/here/note.md', content: expect.stringContaining('> Whatever.') } },
      { name: 'Write', input: { file_path: '/srv/here/data.csv' } },
    ]);
  });

  it('counts tokens, lists its model, and answers probes', async () => {
    expect(await (await post([user('x'.repeat(400))], {}, '/v1/messages/count_tokens')).json()).toEqual({
      input_tokens: expect.any(Number),
    });
    expect(await (await fetch(`${model.url}/v1/models`)).json()).toMatchObject({ data: [{ id: 'demo' }] });
    expect((await fetch(model.url, { method: 'HEAD' })).status).toBe(200);
    const title = await ask('Do it.', { system: 'Generate a concise title for this session.' });
    expect(title.content[0]?.text).toBe('{"title": "Demo model session"}');
  });

  it('records what it was asked', async () => {
    await ask('[[demo:hello]] for the record');
    expect(model.requests().at(-1)).toMatchObject({
      method: 'POST',
      path: '/v1/messages?beta=true',
      headers: { 'content-type': 'application/json' },
      body: { model: 'some-model', messages: [{ role: 'user', content: '[[demo:hello]] for the record' }] },
    });
  });
});

describe('refusals', () => {
  it.each([
    ['GET', '/v1/messages', null, 404, 'not_found_error'],
    ['POST', '/v2/nothing', '{}', 404, 'not_found_error'],
    ['POST', '/v1/messages', '{broken', 400, 'invalid_request_error'],
    ['POST', '/v1/messages', '{}', 400, 'invalid_request_error'],
    [
      'POST',
      '/v1/messages',
      '{"messages":[{"role":"user","content":"[[demo:no-such]]"}]}',
      400,
      'invalid_request_error',
    ],
  ])('%s %s %s', async (method, path, body, status, type) => {
    const response = await fetch(`${model.url}${path}`, { method, body });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type, message: expect.any(String) } });
  });
});
