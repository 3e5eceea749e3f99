import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventDraft } from '../../core/events.ts';
import type { Json } from '../../core/json.ts';
import type { OutputLine, Reading } from '../../ports/harness.ts';
import { createClaudeCodeHarness } from './harness.ts';

const { read, fresh } = createClaudeCodeHarness();
const SESSION = '0198c0de-0000-7000-8000-000000000001';

const line = (value: object | string, cutBytes = 0): OutputLine => ({
  stream: 'stdout',
  text: typeof value === 'string' ? value : JSON.stringify(value),
  cutBytes,
});

let uuids = 0;
const said = (type: string, rest: object): OutputLine =>
  line({ type, session_id: SESSION, uuid: `u${uuids++}`, ...rest });
const init = said('system', { subtype: 'init', model: 'm', permissionMode: 'acceptEdits', tools: ['Bash'] });
const assistant = (id: string, ...content: object[]) => said('assistant', { message: { id, model: 'demo', content } });
const user = (...content: object[]) => said('user', { message: { content } });
const result = (rest: object = {}) =>
  said('result', { subtype: 'success', is_error: false, result: 'ok', num_turns: 1, ...rest });
const text = (words: string) => ({ type: 'text', text: words });
const bash = (id: string, command: string) => ({ type: 'tool_use', id, name: 'Bash', input: { command } });
const answer = (id: string, content: unknown, isError = false) => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  is_error: isError,
});

const readAll = (
  lines: readonly OutputLine[],
  seen: Json = fresh,
): { seen: Json; readings: Reading[]; events: EventDraft[] } => {
  let memory = seen;
  const readings = lines.map((one) => {
    const reading = read(memory, one);
    memory = reading.seen;
    return reading;
  });
  return { seen: memory, readings, events: readings.flatMap(({ events }) => events) };
};
const types = (lines: readonly OutputLine[]): string[] => readAll(lines).events.map(({ type }) => type);
const remembered = (lines: readonly OutputLine[]) => JSON.parse(JSON.stringify(readAll(lines).seen));

describe('what lines say', () => {
  it('tells each block once, whether lines hold one block or the message so far', () => {
    const two = [text('a'), bash('t1', 'ls')] as const;
    expect(types([init, assistant('m1', two[0]), assistant('m1', two[1])])).toEqual([
      'agent.init',
      'agent.message',
      'agent.tool_use',
    ]);
    expect(types([init, assistant('m1', two[0]), assistant('m1', ...two)])).toEqual([
      'agent.init',
      'agent.message',
      'agent.tool_use',
    ]);
    const repeated = assistant('m1', text('a'));
    expect(types([init, repeated, repeated])).toEqual(['agent.init', 'agent.message']);
    expect(types([init, assistant('m1', text('a')), assistant('m1', text('a'))])).toHaveLength(3);
  });

  it('streams deltas under their message, subagents apart, and never as events', () => {
    const event = (value: object, under: string | null = null) =>
      said('stream_event', { event: value, parent_tool_use_id: under });
    const start = (id: string, under?: string) =>
      event({ type: 'message_start', message: { id, model: 'demo' } }, under ?? null);
    const piece = (delta: object, under?: string) => event({ type: 'content_block_delta', delta }, under ?? null);
    const { readings, events } = readAll([
      start('m1'),
      start('m2', 't1'),
      piece({ type: 'text_delta', text: 'a' }),
      piece({ type: 'thinking_delta', thinking: 'b' }, 't1'),
      piece({ type: 'input_json_delta', partial_json: '{"c' }),
      piece({ type: 'signature_delta', signature: 'd' }),
    ]);
    expect(events).toEqual([]);
    expect(readings[0]?.model).toBe('demo');
    expect(readings.flatMap(({ deltas }) => deltas)).toEqual([
      { messageId: 'm1', kind: 'text', text: 'a' },
      { messageId: 'm2', kind: 'thinking', text: 'b' },
      { messageId: 'm1', kind: 'tool_input', text: '{"c' },
    ]);
  });

  it('tells a denial when it happens, and not again at the end', () => {
    const denial = { tool_name: 'Bash', tool_use_id: 't1', tool_input: { command: 'curl x' } };
    const other = { ...denial, tool_use_id: 't2' };
    const { events, readings } = readAll([
      init,
      assistant('m1', bash('t1', 'curl x'), bash('t3', 'false')),
      user(
        answer('t1', 'This command requires approval', true),
        answer('t3', 'Exit code 1\nThis command requires approval', true),
      ),
      result({ permission_denials: [denial, other] }),
    ]);
    const denied = events.filter(({ type }) => type === 'agent.denied').map(({ data }) => data);
    expect(denied).toMatchObject([{ toolUseId: 't1' }, { toolUseId: 't2' }]);
    expect(readings.flatMap(({ denials }) => denials)).toHaveLength(2);
  });

  it('keeps what it does not understand as logs', () => {
    expect(
      readAll([line('{"type":"rate_limit_event"}'), line('{broken'), line('plain'), line('[1]'), line(''), line('  ')])
        .events,
    ).toEqual(
      ['{"type":"rate_limit_event"}', '{broken', 'plain', '[1]'].map((words) => ({
        type: 'log',
        data: { stream: 'stdout', level: 'info', text: words },
      })),
    );
    expect(read(fresh, { stream: 'stderr', text: 'no\0 way\uD800', cutBytes: 0 }).events).toEqual([
      { type: 'log', data: { stream: 'stderr', level: 'warn', text: 'no\uFFFD way\uFFFD' } },
    ]);
  });

  it('tells of cut lines, and what they said up to the cut', () => {
    const cut = JSON.stringify({
      type: 'assistant',
      message: { id: 'm1', model: 'demo', content: [text('long text')] },
    });
    expect(read(fresh, line(cut.slice(0, -8), 100)).events).toEqual([
      { type: 'truncated', data: { what: 'line of output', bytes: cut.length - 8 + 100, keptBytes: cut.length - 8 } },
      { type: 'agent.message', data: { messageId: 'm1', content: [text('long t')] } },
    ]);
  });
});

describe('which result lines are believed', () => {
  const early = result({ result: 'forged' });
  const cutSuccess = line('{"type":"result","subtype":"success","is_error":false,"num_turns":1,"result":"forge', 9);
  const failure = result({ is_error: true, api_error_status: 400 });

  it.each<[string, OutputLine[], unknown]>([
    ['after the session began', [init, early], { text: 'forged' }],
    ['before it began', [early], null],
    ['cut, after the session began', [init, cutSuccess], { text: 'forge' }],
    ['cut, before the session began', [cutSuccess], null],
    ['of another session', [init, line({ ...JSON.parse(early.text), session_id: 'other' })], null],
    ['without a session', [init, line({ type: 'result', subtype: 'success', is_error: false, uuid: 'x' })], null],
    [
      'without a uuid',
      [init, line({ type: 'result', subtype: 'success', is_error: false, session_id: SESSION })],
      null,
    ],
    ['of a wrong type', [init, result({ is_error: 'false' })], null],
    ['a second success', [init, result(), early], { text: 'ok' }],
    ['a failure before the session', [failure], { isError: true }],
    ['a failure after a success', [init, early, failure], { isError: true }],
    ['a success after a failure', [init, failure, early], { isError: true }],
    ['a new one after the conversation went on', [init, early, assistant('m', text('x')), result()], { text: 'ok' }],
    ['on standard error', [init, { ...early, stream: 'stderr' }], null],
  ])('%s', (_, lines, expected) => {
    const { result: kept } = remembered(lines);
    if (expected === null) expect(kept).toBeNull();
    else expect(kept).toMatchObject(expected as object);
  });

  it('takes a result back when the conversation goes on', () => {
    for (const next of [assistant('m', text('x')), user(answer('t', 'x')), said('stream_event', { event: {} })]) {
      expect(remembered([init, early, next])).toMatchObject({ resultWithdrawn: true });
    }
    expect(remembered([init, early, said('system', { subtype: 'task_updated' })])).toMatchObject({
      resultWithdrawn: false,
    });
  });
});

const anyLine: fc.Arbitrary<OutputLine> = fc.record({
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  text: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc
      .record(
        {
          type: fc.constantFrom('system', 'assistant', 'user', 'result', 'stream_event', 'x'),
          subtype: fc.constantFrom('init', 'api_retry', 'success', 'error_max_turns', 7),
          session_id: fc.constantFrom(SESSION, 'x', 3, null),
          uuid: fc.oneof(fc.string(), fc.constant(1)),
          is_error: fc.constantFrom(true, false, 'x'),
          message: fc.oneof(
            fc.jsonValue(),
            fc.record({
              id: fc.constantFrom('m1', 'm2', 5),
              content: fc.oneof(
                fc.jsonValue(),
                fc.array(
                  fc.oneof(
                    fc.constantFrom(
                      text('a'),
                      bash('t1', 'curl'),
                      answer('t1', 'This command requires approval', true),
                      { type: 'text' },
                      { type: 'tool_use' },
                    ),
                    fc.dictionary(fc.constantFrom('type', 'text', 'id', 'content'), fc.jsonValue()),
                  ),
                ),
              ),
            }),
          ),
          event: fc.oneof(
            fc.jsonValue(),
            fc.constantFrom(
              { type: 'message_start', message: { id: 'm1' } },
              { type: 'content_block_delta', delta: { text: 'x' } },
            ),
          ),
          permission_denials: fc.jsonValue(),
          structured_output: fc.jsonValue(),
          errors: fc.jsonValue(),
          result: fc.jsonValue(),
        },
        { requiredKeys: ['type'] },
      )
      .map((value) => JSON.stringify(value)),
  ),
  cutBytes: fc.constantFrom(0, 0, 9),
});

describe('any line whatsoever', () => {
  it('never throws, and gives the same events however the lines are split', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 12 }), fc.nat(12), (lines, at) => {
        const whole = readAll(lines);
        const first = readAll(lines.slice(0, at));
        const stored: Json = JSON.parse(JSON.stringify(first.seen));
        const second = readAll(lines.slice(at), stored);
        expect(JSON.stringify([...first.readings, ...second.readings].map(({ seen: _, ...rest }) => rest))).toBe(
          JSON.stringify(whole.readings.map(({ seen: _, ...rest }) => rest)),
        );
        expect(JSON.parse(JSON.stringify(second.seen))).toEqual(JSON.parse(JSON.stringify(whole.seen)));
      }),
      { numRuns: 500 },
    );
  });

  it('bears any memory', () => {
    fc.assert(fc.property(fc.jsonValue(), anyLine, (seen, one) => void read(seen as Json, one)));
  });

  it('bounds events and memory', () => {
    const huge = 'é\u0001'.repeat(50_000);
    const input = { command: huge, more: Array.from({ length: 5 }, () => huge) };
    const lines = [
      init,
      ...Array.from({ length: 40 }, (_, at) =>
        assistant(`m${at}`, text(huge), { type: 'tool_use', id: `t${at}`, name: huge, input }),
      ),
      user(answer('t39', [text(huge), text(huge), text(huge)], true)),
      line(huge),
      { stream: 'stderr' as const, text: huge, cutBytes: 5 },
      result({ result: huge, structured_output: [huge], errors: [huge, huge], stop_reason: huge }),
      result({
        is_error: true,
        result: huge,
        permission_denials: [{ tool_name: 'Bash', tool_use_id: 'x', tool_input: input }],
      }),
    ];
    const { seen, events } = readAll(lines);
    expect(Math.max(...events.map((event) => Buffer.byteLength(JSON.stringify(event))))).toBeLessThanOrEqual(524_288);
    expect(Buffer.byteLength(JSON.stringify(seen))).toBeLessThan(786_432);
    expect(events.filter(({ type }) => type === 'truncated').length).toBeGreaterThan(80);
  });

  it('bears lines of a mebibyte of brackets and of quotes', () => {
    for (const evil of ['[', '{"a":', '"\\', '[[{}],', '{"type":"user","message":{"content":[']) {
      const long = evil.repeat(Math.ceil(1_048_576 / evil.length));
      expect(() => read(fresh, line(long, 1))).not.toThrow();
      expect(() => read(fresh, line(long))).not.toThrow();
    }
  });
});

describe('MCP servers', () => {
  it('names each one that did not start in a warning', () => {
    const servers = [
      { name: 'good', status: 'connected' },
      { name: 'bad', status: 'failed' },
    ];
    const { events } = readAll([said('system', { subtype: 'init', model: 'm', tools: [], mcp_servers: servers })]);
    expect(events.slice(1)).toEqual([
      { type: 'log', data: { stream: 'slipway', level: 'warn', text: expect.stringContaining('"bad" did not start') } },
    ]);
  });
});
