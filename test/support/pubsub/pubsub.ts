/** The official Pub/Sub emulator, whose address speaks the same JSON as the service does. */
import { findSdkEmulator, openSdkEmulator, PUBSUB } from '../cloud-sdk/emulator.ts';
import { describeWhere } from '../describe-where.ts';

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

const source = findSdkEmulator(PUBSUB);

/** Leaves the tests out where there is no emulator, which is said aloud; in continuous integration that is a failure. */
export const describeWithPubSub = (name: string, describeTests: () => void): void => {
  const missing = source.kind === 'none' ? source.reason : null;
  describeWhere(name, missing, 'PUBSUB_EMULATOR_HOST can name a running emulator.', describeTests);
};

/** A topic that nobody else uses. */
export const openPubSub = async (): Promise<PubSub> => {
  const { host, stop } = await openSdkEmulator(PUBSUB);
  const project = `projects/test-${crypto.randomUUID().slice(0, 13)}`;
  const topic = `${project}/topics/cloud-builds`;
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(`http://${host}/v1/${path}`, init);
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
    stop,
  };
};
