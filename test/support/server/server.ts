/** The real server as a process of its own, on a data directory and a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');
const SERVES_AT = /Slipway serves at (\S+)/;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, the text otherwise. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every form
  readonly body: any;
}

export interface TestServer {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  /** Everything that it printed. */
  printed(): string;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a signal and waits until the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it gracefully if it still runs. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly dataDir: string;
  readonly env?: Record<string, string>;
  readonly args?: readonly string[];
  /** Another program than `slipway serve`, which says the same when it serves. */
  readonly main?: string | undefined;
  /** Shell commands that break the machine for this server alone, in a mount namespace of its own; for root. */
  readonly breaking?: string | undefined;
}

/** A data directory that is removed with everything in it. */
export interface DataDir {
  readonly path: string;
  remove(): Promise<void>;
}

export const openDataDir = async (): Promise<DataDir> => {
  const path = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
};

/** Starts a server and waits until it serves. */
export const startServer = async (options: ServerOptions): Promise<TestServer> => {
  const serve = [process.execPath, options.main ?? MAIN, 'serve', ...(options.args ?? [])];
  const broken = ['unshare', '--mount', '--', 'sh', '-ec', `${options.breaking}\nexec "$@"`, 'sh'];
  const [file = '', ...args] = options.breaking === undefined ? serve : [...broken, ...serve];
  const child = spawn(file, args, {
    env: {
      PATH: process.env.PATH,
      HOME: options.dataDir,
      PORT: '0',
      SLIPWAY_DATA_DIR: options.dataDir,
      SLIPWAY_LOG_LEVEL: 'warn',
      SLIPWAY_RATE_LIMIT: '0',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const url = await address(child, () => printed);
  const gone = once(child, 'exit');
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await gone;
  };
  return {
    url,
    pid: child.pid ?? 0,
    dataDir: options.dataDir,
    printed: () => printed,
    request: (method, path, body, headers) => request(url, method, path, body, headers),
    kill,
    stop: () => kill('SIGTERM'),
  };
};

const address = (child: ChildProcess, printed: () => string): Promise<string> =>
  new Promise((done, reject) => {
    const look = (): void => {
      const url = SERVES_AT.exec(printed())?.[1];
      if (url !== undefined) done(url);
    };
    child.stdout?.on('data', look);
    child.once('exit', (code, signal) => reject(new Error(`The server ended (${code ?? signal}): ${printed()}`)));
  });

const request = async (
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: json && text !== '' ? JSON.parse(text) : text };
};
