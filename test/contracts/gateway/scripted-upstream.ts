/** A model service on loopback whose every answer is written in the test. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ScriptedUpstream {
  readonly baseUrl: string;
  /** Requests whose bodies arrived whole. */
  readonly seen: SeenRequest[];
  /** Connections that were ever opened. */
  readonly sockets: Set<Socket>;
  /** Answers from now on. */
  answer(script: Script): void;
  close(): Promise<void>;
}

export type Script = (response: ServerResponse, request: SeenRequest) => unknown;

const read = async (request: IncomingMessage): Promise<SeenRequest> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const { method = '', url = '', headers } = request;
  return { method, url, headers, body: Buffer.concat(parts) };
};

export const openUpstream = async (): Promise<ScriptedUpstream> => {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let script: Script = (response) => response.writeHead(500).end();
  const server = createServer(async (request, response) => {
    response.on('error', () => undefined);
    try {
      const whole = await read(request);
      seen.push(whole);
      await script(response, whole);
    } catch {
      // The gateway broke the request off: nothing to answer.
    }
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    seen,
    sockets,
    answer: (next) => {
      script = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export const MODEL = 'claude-sonnet-4-5-20250929';

export const startEvent = (inputTokens = 10, model = MODEL): object => ({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: inputTokens, output_tokens: 1 },
  },
});
export const blockEvent: object = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
export const textEvent = (text: string): object => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
});
export const endEvents = (outputTokens = 5): object[] => [
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: outputTokens },
  },
  { type: 'message_stop' },
];

export const sse = (...events: readonly object[]): string =>
  events.map((event) => `event: ${'type' in event ? event.type : ''}\ndata: ${JSON.stringify(event)}\n\n`).join('');

export const beginStream = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'req_1' });
};

/** Answers with a whole stream. */
export const streams =
  (...events: readonly object[]): Script =>
  (response) => {
    beginStream(response);
    response.end(sse(...events));
  };

/** Answers with one JSON object. */
export const answers =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
