/** The built-in scripts of what can go wrong, and of what is large or slow. */
import type { Scenario, ScriptBlock, ScriptFault } from './scenario.ts';

const say = (text: string): ScriptBlock => ({ type: 'text', text });
const LONG = 'This text is long enough to be cut somewhere in the middle of it, before the end is reached. ';

const failing = (about: string, fault: ScriptFault, text = 'It worked after all.'): Scenario => ({
  about,
  turns: [{ blocks: [say(text)], fault }],
});

const status = (code: number, message: string, about = `Always HTTP ${code}.`): Scenario =>
  failing(about, { kind: 'error', status: code, message });

export const FAULT_SCENARIOS: Readonly<Record<string, Scenario>> = {
  'error-400': status(400, 'messages: the demo model does not like this request'),
  'error-401': status(401, 'invalid x-api-key'),
  'error-403': status(403, 'Your account does not have permission to use this model'),
  'error-404': status(404, 'model: no-such-model'),
  'error-413': status(413, 'Request exceeds the maximum size'),
  'error-credit': status(400, 'Your credit balance is too low to access the Anthropic API.', 'Out of credit.'),
  'error-prompt-too-long': status(400, 'prompt is too long: 250000 tokens > 200000 maximum', 'A prompt too long.'),
  'error-429': failing('HTTP 429 once, with retry-after, then an answer.', {
    kind: 'error',
    status: 429,
    message: 'Number of requests has exceeded your rate limit',
    headers: { 'retry-after': '1' },
    times: 1,
  }),
  'error-429-forever': failing('HTTP 429 always, not to be retried.', {
    kind: 'error',
    status: 429,
    message: 'This request would exceed your rate limit',
    headers: { 'retry-after': '1', 'x-should-retry': 'false' },
  }),
  'error-usage-limit': failing('HTTP 429 with the headers of a used-up subscription.', {
    kind: 'error',
    status: 429,
    message: "This request would exceed your account's rate limit. Please try again later.",
    headers: {
      'x-should-retry': 'false',
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': '4102444800',
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    },
  }),
  'error-500': failing('HTTP 500 once, then an answer.', {
    kind: 'error',
    status: 500,
    message: 'Internal server error',
    times: 1,
  }),
  'error-500-forever': failing('HTTP 500 always, not to be retried.', {
    kind: 'error',
    status: 500,
    message: 'Internal server error',
    headers: { 'x-should-retry': 'false' },
  }),
  'error-529': failing('HTTP 529 once, then an answer.', {
    kind: 'error',
    status: 529,
    message: 'Overloaded',
    times: 1,
  }),
  'error-529-forever': failing('HTTP 529 always, not to be retried.', {
    kind: 'error',
    status: 529,
    message: 'Overloaded',
    headers: { 'x-should-retry': 'false' },
  }),
  'stream-error': failing('An error event in mid-stream, always.', {
    kind: 'stream_error',
    afterEvents: 5,
    type: 'overloaded_error',
    message: 'Overloaded',
  }),
  cut: failing('The connection breaks in mid-stream, once.', { kind: 'cut', afterEvents: 5, times: 1 }, LONG.repeat(3)),
  'cut-forever': failing('The connection breaks in mid-stream, always.', { kind: 'cut', afterEvents: 5 }, LONG),
  'cut-bytes': failing('The connection breaks in the middle of an event, once.', {
    kind: 'cut',
    afterBytes: 700,
    times: 1,
  }),
  stall: failing('Silence before the headers, for ever.', { kind: 'stall', before: 'headers' }),
  'stall-stream': failing('Silence after a few events, for ever.', { kind: 'stall', before: 'event', event: 5 }, LONG),
  slow: {
    about: 'A text in pieces, one each 100 ms, for about five seconds.',
    turns: [{ blocks: [{ type: 'text', text: LONG.repeat(5), chunk: 9, delayMs: 100 }] }],
  },
  huge: {
    about: 'As many bytes of text as the argument says.',
    turns: [{ blocks: [{ type: 'text', text: { bytes: 'argument' }, chunk: 16_384 }] }],
  },
  'many-events': {
    about: 'Thirty tool calls in one message, then three hundred text blocks in another.',
    turns: [
      {
        blocks: [
          { type: 'tool', name: 'Bash', input: { command: 'echo piece', description: 'Print a word' }, repeat: 30 },
        ],
      },
      { blocks: [{ ...say('Piece.'), repeat: 300 }] },
    ],
  },
  'empty-result': { about: 'An answer without any content.', turns: [{ blocks: [] }] },
  'max-tokens': {
    about: 'An answer that ends since it has reached its token limit.',
    turns: [{ blocks: [say('This answer ends in the mid')], stopReason: 'max_tokens' }],
  },
  refusal: {
    about: 'An answer that the model refused to give.',
    turns: [{ blocks: [say('I cannot')], stopReason: 'refusal' }],
  },
};
