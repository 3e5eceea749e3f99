/**
 * The official Pub/Sub emulator: the one that PUBSUB_EMULATOR_HOST names, or one that is started from the Cloud SDK,
 * which needs Java. Its address speaks the same JSON as the service does.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeWhere } from '../describe-where.ts';
import { freePort } from '../server/cloud-stage.ts';

const LIB = 'platform/pubsub-emulator/lib';
const JAR = /^cloud-pubsub-emulator-.*-all\.jar$/;
const START_TIMEOUT_MS = 60_000;
const LOOK_MS = 100;

export interface PubSub {
  readonly topic: string;
  /** Pushes what is published from now on to an address. */
  subscribe(name: string, endpoint: string): Promise<void>;
  publish(messages: readonly PubSubMessage[]): Promise<void>;
  stop(): Promise<void>;
}

export interface PubSubMessage {
  readonly data: object;
  readonly attributes: Readonly<Record<string, string>>;
}

type Source =
  | { readonly kind: 'running'; readonly host: string }
  | { readonly kind: 'jar'; readonly jar: string }
  | { readonly kind: 'none'; readonly reason: string };

const which = (program: string): string | null => {
  try {
    return execFileSync('which', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
};

const find = (): Source => {
  const host = process.env.PUBSUB_EMULATOR_HOST;
  if (host !== undefined && host !== '') return { kind: 'running', host };
  const gcloud = which('gcloud');
  if (gcloud === null) return { kind: 'none', reason: 'gcloud is not installed' };
  const lib = join(dirname(dirname(realpathSync(gcloud))), LIB);
  const name = existsSync(lib) ? readdirSync(lib).find((file) => JAR.test(file)) : undefined;
  if (name === undefined) {
    return {
      kind: 'none',
      reason: 'the Cloud SDK has no Pub/Sub emulator (gcloud components install pubsub-emulator)',
    };
  }
  return which('java') === null
    ? { kind: 'none', reason: 'Java is not installed' }
    : { kind: 'jar', jar: join(lib, name) };
};

const source = find();

/** Leaves the tests out where there is no emulator, which is said aloud; in continuous integration that is a failure. */
export const describeWithPubSub = (name: string, describeTests: () => void): void => {
  const missing = source.kind === 'none' ? source.reason : null;
  describeWhere(name, missing, 'PUBSUB_EMULATOR_HOST can name a running emulator.', describeTests);
};

/** A topic that nobody else uses. */
export const openPubSub = async (): Promise<PubSub> => {
  if (source.kind === 'none') throw new Error(source.reason);
  const started = source.kind === 'jar' ? await start(source.jar) : { host: source.host, stop: async () => undefined };
  const project = `projects/test-${crypto.randomUUID().slice(0, 13)}`;
  const topic = `${project}/topics/cloud-builds`;
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(`http://${started.host}/v1/${path}`, init);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  };
  await send('PUT', topic, {});
  return {
    topic,
    subscribe: (name, endpoint) =>
      send('PUT', `${project}/subscriptions/${name}`, { topic, pushConfig: { pushEndpoint: endpoint } }),
    publish: (messages) =>
      send('POST', `${topic}:publish`, {
        messages: messages.map(({ data, attributes }) => ({
          data: Buffer.from(JSON.stringify(data)).toString('base64'),
          attributes,
        })),
      }),
    stop: started.stop,
  };
};

const start = async (jar: string): Promise<{ readonly host: string; stop(): Promise<void> }> => {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const options = ['-Duser.language=en', '-Xmx256m', '-jar', jar, '--host=127.0.0.1', `--port=${port}`];
  const child = spawn('java', options, { stdio: ['ignore', 'ignore', 'pipe'] });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-4_000);
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    await ready(child, host, () => printed);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop };
};

const ready = async (child: ChildProcess, host: string, printed: () => string): Promise<void> => {
  const until = Date.now() + START_TIMEOUT_MS;
  const answers = (): Promise<boolean> =>
    fetch(`http://${host}/`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`The Pub/Sub emulator ended: ${printed()}`);
    if (Date.now() > until) throw new Error(`The Pub/Sub emulator did not start: ${printed()}`);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
};
