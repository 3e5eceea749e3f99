/** Sends an answer over HTTP, with whatever goes wrong on the way. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import type { ScriptFault } from './scenario.ts';
import { errorBody, frame, messageBody, streamEvents } from './wire.ts';

export interface Sending {
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Aborts when the client is gone or the server closes. */
  readonly signal: AbortSignal;
}

/** Sends `answer`, as a stream or whole, broken as `fault` says. */
export const sendAnswer = async (
  answer: Answer,
  fault: ScriptFault | null,
  stream: boolean,
  sending: Sending,
): Promise<void> => {
  if (fault?.kind === 'error') {
    sendJson(
      sending,
      fault.status,
      errorBody(fault.status, fault.type, fault.message ?? 'Scripted error', sending.requestId),
      fault.headers,
    );
  } else if (fault?.kind === 'stall' && fault.before === 'headers') {
    await silence(sending.signal);
  } else if (stream) {
    await sendStream(answer, fault, sending);
  } else {
    await sendWhole(answer, fault, sending);
  }
};

/** Sends a JSON body. */
export const sendJson = (
  { response, requestId }: Pick<Sending, 'response' | 'requestId'>,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': requestId, ...headers });
  response.end(JSON.stringify(body));
};

const silence = (signal: AbortSignal): Promise<unknown> => (signal.aborted ? Promise.resolve() : once(signal, 'abort'));

/** Without a stream, a fault inside it becomes its nearest kin: a broken body, an open silence, an error. */
const sendWhole = async (answer: Answer, fault: ScriptFault | null, sending: Sending): Promise<void> => {
  const { response, requestId, signal } = sending;
  if (fault === null) return sendJson(sending, 200, messageBody(answer));
  if (fault.kind === 'stream_error')
    return sendJson(sending, 529, errorBody(529, fault.type, fault.message, requestId));
  response.writeHead(200, { 'content-type': 'application/json', 'request-id': requestId });
  if (fault.kind === 'cut') {
    response.write('{"id":"msg_cut","type":"mess', () => response.destroy());
    return;
  }
  response.flushHeaders();
  await silence(signal);
};

const sendStream = async (answer: Answer, fault: ScriptFault | null, sending: Sending): Promise<void> => {
  const { response, requestId, signal } = sending;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': requestId,
  });
  response.flushHeaders();
  let sentEvents = 0;
  let sentBytes = 0;
  for (const event of streamEvents(answer)) {
    if (signal.aborted) return;
    if (fault?.kind === 'cut' && sentEvents >= (fault.afterEvents ?? Number.POSITIVE_INFINITY))
      return destroySoon(response);
    if (fault?.kind === 'stall' && fault.before === 'event' && sentEvents >= fault.event)
      return void (await silence(signal));
    if (fault?.kind === 'stream_error' && sentEvents >= fault.afterEvents) {
      const error = { type: fault.type, message: fault.message };
      response.end(frame({ type: 'error', data: { type: 'error', error, request_id: requestId } }));
      return;
    }
    if (event.delayMs > 0) await sleep(event.delayMs, undefined, { signal }).catch(() => undefined);
    const bytes = Buffer.from(frame(event));
    const left = fault?.kind === 'cut' ? (fault.afterBytes ?? Number.POSITIVE_INFINITY) - sentBytes : bytes.length;
    if (left < bytes.length) {
      response.write(bytes.subarray(0, left), () => response.destroy());
      return;
    }
    if (!response.write(bytes) && !signal.aborted) await once(response, 'drain', { signal }).catch(() => undefined);
    sentEvents += 1;
    sentBytes += bytes.length;
  }
  response.end();
};

/** Breaks the connection once the client has had a chance to read what was written. */
const destroySoon = async (response: ServerResponse): Promise<void> => {
  await sleep(20);
  response.destroy();
};
