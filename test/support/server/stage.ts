/** A server with the scripted model behind it, and the few things that every end-to-end test does with them. */

import type { Scenario } from '../../../src/demo/scenario.ts';
import { type DemoModel, openDemoModel } from '../../../src/demo/server.ts';
import { type Answer, type DataDir, openDataDir, startServer, type TestServer } from './server.ts';

/** The key that no run may ever see. */
export const MODEL_KEY = ['sk', 'ant', 'api03', 'the-key-that-nobody-may-see'].join('-');

export interface Stage {
  readonly model: DemoModel;
  /** The server that runs at the moment. */
  server(): TestServer;
  /** Starts a server on the same data, after the earlier one is gone. */
  restart(env?: Record<string, string>): Promise<TestServer>;
  /** Another server over the same data, beside the first. */
  second(env?: Record<string, string>): Promise<TestServer>;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Submits a run and gives its id. */
  submit(prompt: string, fields?: object): Promise<string>;
  /** Waits for the end of a run, and gives it with its events. */
  finish(id: string, timeoutMs?: number): Promise<Finished>;
  run(prompt: string, fields?: object): Promise<Finished>;
  close(): Promise<void>;
}

export interface Finished {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into runs of every form
  readonly run: any;
  // biome-ignore lint/suspicious/noExplicitAny: and into events
  readonly events: any[];
}

const OVER = new Set(['succeeded', 'failed', 'timed_out', 'cancelled', 'skipped']);
const LOOK_MS = 50;

export const openStage = async (
  options: {
    readonly scenarios?: Readonly<Record<string, Scenario>>;
    readonly env?: Record<string, string>;
    /** See `ServerOptions`. */
    readonly main?: string;
    readonly breaking?: string;
    /** A fresh directory of its own when left out. */
    readonly data?: DataDir;
  } = {},
): Promise<Stage> => {
  const model = await openDemoModel(options.scenarios === undefined ? {} : { scenarios: options.scenarios });
  const data = options.data ?? (await openDataDir());
  const base = { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: MODEL_KEY, ...options.env };
  const start = (env: Record<string, string> = {}) =>
    startServer({ dataDir: data.path, env: { ...base, ...env }, main: options.main, breaking: options.breaking });
  const extra: TestServer[] = [];
  let server = await start();

  const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
    server.request(method, path, body, headers);
  const submit = async (prompt: string, fields: object = {}): Promise<string> => {
    const answer = await ask('POST', '/runs', { prompt, ...fields });
    if (answer.status !== 202) throw new Error(`POST /runs answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return String(answer.body.id);
  };
  const allEvents = async (id: string) => {
    const events = [];
    for (;;) {
      const page = await ask('GET', `/runs/${id}/events?after=${events.length}&limit=200`);
      if (page.status !== 200) throw new Error(`The events of ${id}: ${page.status} ${JSON.stringify(page.body)}`);
      events.push(...page.body.data);
      if (page.body.data.length === 0) return events;
    }
  };
  const finish = async (id: string, timeoutMs = 90_000): Promise<Finished> => {
    const limit = Date.now() + timeoutMs;
    for (;;) {
      const { status, body } = await ask('GET', `/runs/${id}`);
      if (status !== 200) throw new Error(`GET /runs/${id} answered ${status}: ${JSON.stringify(body)}`);
      if (OVER.has(body.status)) return { run: body, events: await allEvents(id) };
      if (Date.now() > limit) {
        const events = JSON.stringify(await allEvents(id)).slice(-2_000);
        throw new Error(`Run ${id} is still ${body.status} after ${timeoutMs} ms. ${events} ${server.printed()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };

  return {
    model,
    server: () => server,
    restart: async (env) => {
      await server.stop();
      server = await start(env);
      return server;
    },
    second: async (env) => {
      const other = await start(env);
      extra.push(other);
      return other;
    },
    request: ask,
    submit,
    finish,
    run: async (prompt, fields) => finish(await submit(prompt, fields)),
    close: async () => {
      await Promise.all([server, ...extra].map((one) => one.stop()));
      await model.close();
      await data.remove();
    },
  };
};
