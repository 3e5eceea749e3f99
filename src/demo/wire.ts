/** The Messages API's forms: whole messages, stream events, errors. */
import type { Answer, AnswerBlock } from './answer.ts';

/** One server-sent event, with the pause before it. */
export interface StreamEvent {
  readonly type: string;
  readonly data: object;
  readonly delayMs: number;
}

/** The answer as one JSON body. */
export const messageBody = (answer: Answer): object => ({
  id: answer.id,
  type: 'message',
  role: 'assistant',
  model: answer.model,
  content: answer.blocks.map(({ block }) => block),
  stop_reason: answer.stopReason,
  stop_sequence: null,
  usage: answer.usage,
});

/** The answer as the events of a stream, one after the other. */
export function* streamEvents(answer: Answer): Generator<StreamEvent> {
  const event = (type: string, data: object, delayMs = 0): StreamEvent => ({ type, data: { type, ...data }, delayMs });
  yield event('message_start', {
    message: { ...messageBody(answer), content: [], stop_reason: null, usage: { ...answer.usage, output_tokens: 1 } },
  });
  yield event('ping', {});
  for (const [index, { block, ...pace }] of answer.blocks.entries()) {
    yield event('content_block_start', { index, content_block: emptied(block) });
    for (const delta of deltasOf(block, pace.chunk)) yield event('content_block_delta', { index, delta }, pace.delayMs);
    yield event('content_block_stop', { index });
  }
  yield event('message_delta', {
    delta: { stop_reason: answer.stopReason, stop_sequence: null },
    usage: { output_tokens: answer.usage.output_tokens },
  });
  yield event('message_stop', {});
}

const emptied = (block: AnswerBlock['block']): object => {
  if (block.type === 'text') return { type: 'text', text: '' };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { ...block, input: {} };
};

function* deltasOf(block: AnswerBlock['block'], chunk: number): Generator<object> {
  if (block.type === 'text') {
    for (const text of pieces(block.text, chunk)) yield { type: 'text_delta', text };
  } else if (block.type === 'thinking') {
    for (const thinking of pieces(block.thinking, chunk)) yield { type: 'thinking_delta', thinking };
    yield { type: 'signature_delta', signature: block.signature };
  } else {
    for (const partial_json of pieces(JSON.stringify(block.input), chunk)) {
      yield { type: 'input_json_delta', partial_json };
    }
  }
}

/** Pieces of about `size` characters; a surrogate pair is never parted. */
function* pieces(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + size);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end += 1;
    yield text.slice(at, end);
    at = end;
  }
}

/** Bytes of an event on the wire. */
export const frame = ({ type, data }: Pick<StreamEvent, 'type' | 'data'>): string =>
  `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

/** An error body as Anthropic has it. */
export const errorBody = (status: number, type: string | undefined, message: string, requestId: string): object => ({
  type: 'error',
  error: { type: type ?? ERROR_TYPES[status] ?? 'api_error', message },
  request_id: requestId,
});
