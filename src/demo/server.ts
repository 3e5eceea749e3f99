/**
 * The demo model: a scripted server of the Messages API. It streams as the real one does and costs nothing; the demo
 * and the tests drive the real CLI through it. `scenario.ts` has the language of its scripts.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerOf, turnOf } from './answer.ts';
import { designerScenarioOf } from './designer.ts';
import { createRecorder, type RecordedRequest } from './recorder.ts';
import { type RequestFacts, readRequest } from './request.ts';
import { isObject, type Scenario, type ScriptFault } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { type Sending, sendAnswer, sendJson } from './send.ts';
import { sideScenarioOf } from './side-requests.ts';
import { errorBody } from './wire.ts';

export interface DemoModelOptions {
  /** 0, when left out: any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Added to the built-in ones; the same name replaces. */
  readonly scenarios?: Readonly<Record<string, Scenario>>;
}

export interface DemoModel {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** The newest requests, oldest first. */
  requests(): readonly RecordedRequest[];
  /** Cuts what is in flight. Idempotent. */
  close(): Promise<void>;
}

const MOST_BODY_BYTES = 64 * 1_048_576;
const MOST_COUNTED = 10_000;

const readBody = async (request: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text === '' ? null : text;
  }
};

/** Counts how often a key was seen; forgets the oldest keys. */
const createCounter = (): ((key: string) => number) => {
  const counts = new Map<string, number>();
  return (key) => {
    const count = counts.get(key) ?? 0;
    counts.delete(key);
    counts.set(key, count + 1);
    const oldest = counts.keys().next();
    if (counts.size > MOST_COUNTED && !oldest.done) counts.delete(oldest.value);
    return count;
  };
};

const dueFault = (fault: ScriptFault | undefined, nth: number): ScriptFault | null =>
  fault === undefined || nth >= (fault.times ?? Number.POSITIVE_INFINITY) ? null : fault;

/** Starts a demo model; resolves when it listens. */
export const openDemoModel = async (options: DemoModelOptions = {}): Promise<DemoModel> => {
  const scenarios: Readonly<Record<string, Scenario>> = { ...SCENARIOS, ...options.scenarios };
  const host = options.host ?? '127.0.0.1';
  const recorder = createRecorder();
  const count = createCounter();
  const closing = new AbortController();
  let served = 0;

  const answerMessages = async (facts: RequestFacts, sending: Sending): Promise<void> => {
    const scenario = sideScenarioOf(facts) ?? designerScenarioOf(facts) ?? scenarios[facts.scenario];
    const turn = scenario === undefined ? null : turnOf(scenario, facts);
    if (turn === null) {
      const message = `The demo model has no scenario "${facts.scenario}". It has: ${Object.keys(scenarios).join(', ')}.`;
      return sendJson(sending, 400, errorBody(400, undefined, message, sending.requestId));
    }
    const nth = count(facts.fingerprint);
    await sendAnswer(answerOf(turn, facts, nth), dueFault(turn.fault, nth), facts.stream, sending);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    served += 1;
    const requestId = `req_demo_${served}`;
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const sending: Sending = { response, requestId, signal: AbortSignal.any([gone.signal, closing.signal]) };
    const text = await readBody(request);
    if (text === null) return sendJson(sending, 413, errorBody(413, undefined, 'Request exceeds 64 MiB', requestId));
    const body = parse(text);
    const path = request.url ?? '/';
    recorder.add({ method: request.method ?? 'GET', path, headers: { ...request.headers }, body }, text.length);
    await route(request, path.split('?')[0] ?? '/', body, sending);
  };

  const route = async (request: IncomingMessage, path: string, body: unknown, sending: Sending): Promise<void> => {
    if (path === '/' && request.method !== 'POST') return sendJson(sending, 200, { demo: true });
    if (path === '/v1/models' && request.method === 'GET') {
      return sendJson(sending, 200, {
        data: [{ type: 'model', id: 'demo', display_name: 'Demo model' }],
        has_more: false,
      });
    }
    const known = path === '/v1/messages' || path === '/v1/messages/count_tokens';
    if (!known || request.method !== 'POST') {
      return sendJson(sending, 404, errorBody(404, undefined, `Not found: ${path}`, sending.requestId));
    }
    if (!isObject(body) || !Array.isArray(body.messages)) {
      return sendJson(sending, 400, errorBody(400, undefined, 'messages: Field required', sending.requestId));
    }
    const session = request.headers['x-claude-code-session-id'];
    const facts = readRequest(body, typeof session === 'string' ? session : null);
    if (path.endsWith('/count_tokens')) return sendJson(sending, 200, { input_tokens: facts.inputTokens });
    await answerMessages(facts, sending);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    requests: () => recorder.list(),
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
};
