import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBodyMeter, createStreamMeter } from './meter.ts';

const USAGE = {
  input_tokens: 12,
  cache_creation_input_tokens: 700,
  cache_read_input_tokens: 5000,
  cache_creation: { ephemeral_5m_input_tokens: 500, ephemeral_1h_input_tokens: 200 },
  output_tokens: 3,
  service_tier: 'standard',
};
const START = { type: 'message_start', message: { id: 'msg_1', model: 'claude-sonnet-4-5-20250929', usage: USAGE } };
const text = (value: string) => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text: value },
});
const STOP = {
  type: 'message_delta',
  delta: { stop_reason: 'end_turn' },
  usage: { output_tokens: 42, server_tool_use: { web_search_requests: 2 } },
};
const END = { type: 'message_stop' };
const FULL = {
  model: 'claude-sonnet-4-5-20250929',
  inputTokens: 12,
  outputTokens: 42,
  cacheReadTokens: 5000,
  cacheWrite5mTokens: 500,
  cacheWrite1hTokens: 200,
  webSearches: 2,
  estimated: false,
};

const stream = (events: readonly object[], lineEnd = '\n'): Buffer =>
  Buffer.from(
    events
      .map((event) => ['event: x', `data: ${JSON.stringify(event)}`, '', ''].join(lineEnd))
      .join(`: a comment${lineEnd}${lineEnd}`),
  );

const meterOf = (bytes: Uint8Array, cuts: readonly number[] = [], requested: string | null = null) => {
  const meter = createStreamMeter(() => requested);
  let start = 0;
  for (const end of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    meter.push(bytes.subarray(start, end));
    start = end;
  }
  meter.end();
  return meter;
};

describe('metering a stream', () => {
  it('gives the same reading for any cut and any line break, and ignores what it does not know', () => {
    const events = [
      START,
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      text('안녕 🌊 \r\n "data: {" \\'),
      { type: 'a_newer_event', usage: 'not what it was', delta: [1, 2] },
      text('x'.repeat(3_000)),
      STOP,
      END,
    ];
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), fc.constantFrom('\n', '\r\n', '\r'), (cuts, lineEnd) => {
        const meter = meterOf(stream(events, lineEnd), cuts);
        expect(meter.readings()).toEqual([FULL]);
        expect(meter.complete()).toBe(true);
      }),
    );
  });

  it('estimates the output of an answer that was cut, from what had arrived', () => {
    const meter = meterOf(stream([START, text('x'.repeat(400))]));
    expect(meter.complete()).toBe(false);
    expect(meter.readings()).toEqual([{ ...FULL, outputTokens: 100, webSearches: 0, estimated: true }]);
  });

  it('never estimates less output than the usage said', () => {
    expect(meterOf(stream([START])).readings()[0]?.outputTokens).toBe(3);
  });

  it('estimates tool input, thinking, and thinking that is announced by number', () => {
    const deltas = [
      { type: 'input_json_delta', partial_json: 'x'.repeat(40) },
      { type: 'thinking_delta', thinking: 'x'.repeat(40) },
      { type: 'thinking_delta', thinking: '', estimated_tokens: 50 },
      { type: 'signature_delta', signature: 'x'.repeat(4_000) },
    ];
    const events = [START, ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta }))];
    expect(meterOf(stream(events)).readings()[0]?.outputTokens).toBe(70);
  });

  it('estimates a delta that is too large to hold by its size', () => {
    const tokens = meterOf(stream([START, text('x'.repeat(4_000_000))])).readings()[0]?.outputTokens ?? 0;
    expect(tokens).toBeGreaterThan(999_999);
    expect(tokens).toBeLessThan(1_000_100);
  });

  it('is complete with the stop reason, before the last event', () => {
    const meter = createStreamMeter(() => null);
    meter.push(stream([START, text('hi')]));
    expect(meter.complete()).toBe(false);
    meter.push(stream([STOP]));
    expect(meter.complete()).toBe(true);
    expect(meter.readings()).toEqual([FULL]);
  });

  it('takes nothing back when a later report has zeros or leaves fields out', () => {
    const late = { ...STOP, usage: { input_tokens: 0, cache_read_input_tokens: null, output_tokens: 42 } };
    expect(meterOf(stream([START, late, END])).readings()).toEqual([{ ...FULL, webSearches: 0 }]);
  });

  it('counts an unsplit cache write as one of five minutes', () => {
    const usage = { ...USAGE, cache_creation: null };
    const start = { ...START, message: { ...START.message, usage } };
    expect(meterOf(stream([start, STOP])).readings()[0]).toMatchObject({
      cacheWrite5mTokens: 700,
      cacheWrite1hTokens: 0,
    });
  });

  it('adds compactions to the model, and advisors to theirs', () => {
    const iterations = [
      { type: 'message', input_tokens: 12, output_tokens: 42 },
      { type: 'compaction', input_tokens: 1000, output_tokens: 10 },
      { type: 'advisor_message', model: 'claude-opus-4-8', input_tokens: 2000, output_tokens: 20 },
    ];
    const readings = meterOf(stream([START, { ...STOP, usage: { ...STOP.usage, iterations } }, END])).readings();
    expect(readings).toEqual([
      { ...FULL, inputTokens: 1012, outputTokens: 52 },
      expect.objectContaining({ model: 'claude-opus-4-8', inputTokens: 2000, outputTokens: 20, cacheReadTokens: 0 }),
    ]);
  });

  it('names fast mode in the model, which has a price of its own', () => {
    const start = { ...START, message: { model: 'claude-opus-4-8', usage: { ...USAGE, speed: 'fast' } } };
    expect(meterOf(stream([start, STOP])).readings()[0]?.model).toBe('claude-opus-4-8-fast');
  });

  it('falls back on the model that was asked for', () => {
    const start = { ...START, message: { usage: USAGE } };
    expect(meterOf(stream([start, STOP]), [], 'asked').readings()[0]?.model).toBe('asked');
    expect(meterOf(stream([start, STOP])).readings()[0]?.model).toBe('unknown');
  });

  it('reads nothing out of noise, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(meterOf(bytes).readings()).toEqual([]);
      }),
    );
    const broken = Buffer.from(
      'data: {"type":"message_start","message":{"usage":\n\ndata: [1]\n\ndata\n\ndata: "x"\n\n',
    );
    expect(meterOf(broken).readings()).toEqual([]);
  });
});

describe('metering a body', () => {
  const body = Buffer.from(
    JSON.stringify({
      id: 'msg_1',
      model: FULL.model,
      content: [{ type: 'text', text: '{"usage":{"output_tokens":9}}' }],
      usage: { ...USAGE, output_tokens: 42, server_tool_use: { web_search_requests: 2 } },
    }),
  );

  it('gives the same reading for any cut, complete with the last brace', () => {
    fc.assert(
      fc.property(fc.nat(body.length - 1), (cut) => {
        const meter = createBodyMeter(() => null);
        meter.push(body.subarray(0, cut));
        expect(meter.complete()).toBe(false);
        meter.push(body.subarray(cut));
        expect(meter.complete()).toBe(true);
        expect(meter.readings()).toEqual([FULL]);
      }),
    );
  });

  it('estimates a message that was cut or has no usage, and reads nothing out of another page', () => {
    const meter = createBodyMeter(() => null);
    meter.push(body.subarray(0, 80));
    expect(meter.readings()).toEqual([expect.objectContaining({ outputTokens: 20, estimated: true })]);
    const page = createBodyMeter(() => 'asked');
    page.push(Buffer.from('<html>no model here</html>'));
    page.end();
    expect(page.readings()).toEqual([]);
  });
});
