/** A Pub/Sub push subscription: each message is posted until it is acknowledged by a 2xx. At least once, in any order. */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from './http.ts';

export interface Push {
  publish(data: JsonObject, attributes: Readonly<Record<string, string>>): void;
  /** Gives up what is not delivered yet. */
  close(): void;
}

export interface PushOptions {
  readonly endpoint: string;
  /** Identity token for each delivery. */
  token(): string;
  /** Deliver everything twice. */
  readonly twice: boolean;
}

const FIRST_RETRY_MS = 100;

export const createPush = (options: PushOptions): Push => {
  const closed = new AbortController();
  const deliver = async (body: string, retryMs: number): Promise<void> => {
    if (closed.signal.aborted) return;
    const acknowledged = await fetch(options.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${options.token()}` },
      body,
      signal: closed.signal,
    }).then(
      (response) => response.ok,
      () => false,
    );
    if (!acknowledged && !closed.signal.aborted) setTimeout(() => void deliver(body, retryMs * 2), retryMs).unref();
  };
  return {
    publish: (data, attributes) => {
      const message = {
        data: Buffer.from(JSON.stringify(data)).toString('base64'),
        attributes,
        messageId: randomUUID(),
        publishTime: new Date().toISOString(),
      };
      const body = JSON.stringify({ message, subscription: 'projects/demo/subscriptions/slipway' });
      for (let count = options.twice ? 2 : 1; count > 0; count -= 1) void deliver(body, FIRST_RETRY_MS);
    },
    close: () => closed.abort(),
  };
};
