/** A gateway with its surroundings, and clients on the sockets of its runs. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Run } from '../../../src/core/run.ts';
import { createEgress } from '../../../src/gateway/egress/egress.ts';
import { createGateway, type GatewayOptions } from '../../../src/gateway/gateway.ts';
import { NO_PROXIES } from '../../../src/gateway/outgoing-proxy.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Gateway, ModelAccess } from '../../../src/ports/gateway.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import { createWitness, runningRun, type TestWitness } from './run-witness.ts';
import { MODEL, openUpstream, type ScriptedUpstream } from './scripted-upstream.ts';

export const REAL_KEY = 'sk-ant-api03-the-real-key-0123456789';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => wait(ms, undefined, { ...(signal ? { signal } : {}), ref: false }).catch(() => undefined),
};

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The connection was lost before the end. */
  readonly cut: boolean;
}

export interface Scene {
  readonly upstream: ScriptedUpstream;
  readonly witness: TestWitness;
  readonly gateway: Gateway;
  readonly socketsDir: string;
  /** Everything that was logged, as text. */
  readonly logged: string[];
  /** Another gateway with the same secret and directory, as after a restart. */
  another(options?: Partial<GatewayOptions>): Gateway;
  /** A running run with its way open. */
  enter(maxBudgetUsd?: number | null): Promise<Entered>;
  close(): Promise<void>;
}

export interface Entered {
  readonly run: Run;
  readonly access: ModelAccess;
  readonly token: string;
  readonly socket: string;
  /** Sends a request for an answer; `body` is sent as it is when it is text. */
  ask(options?: AskOptions): Promise<Reply>;
  /** Begins one, and leaves the rest to the test. */
  begin(options?: AskOptions): ClientRequest;
}

export interface AskOptions {
  readonly path?: string;
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const createLogger = (lines: string[]): Logger => {
  const write = (fields: object, message: string): void => {
    lines.push(JSON.stringify({ message, ...fields }, (_key, value) => (value instanceof Error ? value.stack : value)));
  };
  const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
  return logger;
};

const readReply = async (answer: IncomingMessage): Promise<Reply> => {
  const parts: Buffer[] = [];
  let cut = false;
  try {
    for await (const part of answer) parts.push(part);
  } catch {
    cut = true;
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(parts).toString(), cut };
};

/** The answer to a request, read to its end. */
export const replyTo = async (asked: ClientRequest): Promise<Reply> => {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return readReply(answer);
};

export const beginOn = (socketPath: string, token: string, options: AskOptions = {}): ClientRequest => {
  const { path = '/v1/messages?beta=true', method = 'POST', body = { model: MODEL, stream: true } } = options;
  const asked = request({
    socketPath,
    path,
    method,
    agent: false,
    headers: {
      'content-type': 'application/json',
      ...(options.token === '' ? {} : { 'x-api-key': options.token ?? token }),
      ...options.headers,
    },
  });
  asked.on('error', () => undefined);
  if (body !== null) asked.end(typeof body === 'string' ? body : JSON.stringify(body));
  return asked;
};

export const entered = (run: Run, access: ModelAccess): Entered => {
  const token = access.env.ANTHROPIC_API_KEY ?? '';
  const socket = join(access.socketDir ?? '', 'gateway.sock');
  return {
    run,
    access,
    token,
    socket,
    begin: (options) => beginOn(socket, token, options),
    ask: (options) => replyTo(beginOn(socket, token, options)),
  };
};

/** Waits until `holds`, which something else brings about. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await wait(2);
};

export const openScene = async (options: Partial<GatewayOptions> = {}): Promise<Scene> => {
  const root = await mkdtemp(join(tmpdir(), 'slipway-gateway-'));
  const upstream = await openUpstream();
  const witness = createWitness();
  const logged: string[] = [];
  const socketsDir = options.socketsDir ?? join(root, 'sockets');
  const gateways: Gateway[] = [];
  const another = (more: Partial<GatewayOptions> = {}): Gateway => {
    const gateway = createGateway({
      upstream: { baseUrl: upstream.baseUrl, apiKey: REAL_KEY, authToken: null, proxies: NO_PROXIES, authorities: [] },
      secret: new Uint8Array(32).fill(7),
      socketsDir,
      witness,
      egress: createEgress({ privateHosts: [], logger: createLogger(logged) }),
      clock: systemClock,
      logger: createLogger(logged),
      ...options,
      ...more,
    });
    gateways.push(gateway);
    return gateway;
  };
  const gateway = another();
  await gateway.start();
  return {
    upstream,
    witness,
    gateway,
    socketsDir,
    logged,
    another,
    async enter(maxBudgetUsd = null) {
      const run = witness.add(runningRun(maxBudgetUsd));
      return entered(run, await gateway.open(run));
    },
    async close() {
      for (const each of gateways) await each.stop();
      await upstream.close();
      await rm(root, { recursive: true, force: true });
    },
  };
};
