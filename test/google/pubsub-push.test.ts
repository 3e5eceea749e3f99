/**
 * The official Pub/Sub emulator pushes messages about builds to the real HTTP server, which checks identity tokens as it
 * does in reality. The emulator signs nothing, so whoever passes its pushes on signs them, as the service would.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { InternalOptions } from '../../src/http/routes/internal.ts';
import { createGoogleIdentity } from '../../src/system/google-identity.ts';
import { until } from '../contracts/executor/host-traces.ts';
import { type Bench, openBench } from '../http/bench/open-bench.ts';
import { readAll } from '../support/google/http.ts';
import { createIdentity } from '../support/google/identity.ts';
import { describeWithPubSub, openPubSub, type PubSub } from '../support/pubsub/pubsub.ts';

const INVOKER = 'invoker@demo.iam.gserviceaccount.com';
const AUDIENCE = 'https://slipway.example';
const about = (status: string, id = status) => ({
  data: { id, status, steps: [{ env: ['SLIPWAY_PLACE=x'] }] },
  attributes: { buildId: id, status },
});

describeWithPubSub('messages about builds, pushed by the official emulator', () => {
  const google = createIdentity();
  const identity = createGoogleIdentity({
    audience: AUDIENCE,
    invoker: INVOKER,
    iapAudience: null,
    certificates: google.certs,
  });
  let pubsub: PubSub;
  let bench: Bench;
  let relay: Server;
  let calls: string[];
  /** What was pushed: id of the build, and how the server answered. */
  let pushed: { readonly build: string; readonly status: number }[];
  /** Answers of the server that get lost on their way back. */
  let lost: number;

  const internal: InternalOptions = {
    isPlace: () => false,
    output: () => 'refused',
    buildChanged: () => void calls.push('changed'),
    isInvoker: identity.isInvoker,
    round: async () => ({ claimed: 0, active: 0 }),
    nudge: async () => void calls.push('nudge'),
  };
  /** A push endpoint in front of the server; with an account it signs, as a subscription with one does. */
  const passOn = async (signer: string | null): Promise<string> => {
    const { url } = await bench.listen({ internal });
    relay = createServer(async (request, response) => {
      const body = (await readAll(request)).toString();
      const signed =
        signer === null ? {} : { authorization: `Bearer ${google.idToken({ aud: AUDIENCE, email: signer })}` };
      const headers = { 'content-type': 'application/json', ...signed };
      const answer = await fetch(`${url}/internal/build-events`, { method: 'POST', headers, body });
      pushed.push({ build: JSON.parse(body).message.attributes.buildId, status: answer.status });
      lost -= 1;
      response.writeHead(lost >= 0 ? 503 : answer.status).end();
    });
    await new Promise<void>((done) => relay.listen(0, '127.0.0.1', done));
    const address: AddressInfo | string | null = relay.address();
    return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/push`;
  };
  const times = (build: string): number => pushed.filter((one) => one.build === build).length;

  beforeAll(async () => {
    pubsub = await openPubSub();
  }, 90_000);
  afterAll(() => pubsub?.stop());
  beforeEach(async () => {
    [calls, pushed, lost] = [[], [], 0];
    bench = await openBench();
  });
  afterEach(async () => {
    relay.closeAllConnections();
    await new Promise((done) => relay.close(done));
    await bench.close();
  });

  it('are unwrapped and acknowledged, in whatever order and however often they come', async () => {
    await pubsub.subscribe('signed', await passOn(INVOKER));
    await pubsub.publish([about('SUCCESS'), about('WORKING'), about('QUEUED'), about('SUCCESS', 'again')]);
    await until(() => ['SUCCESS', 'WORKING', 'QUEUED', 'again'].every((id) => times(id) > 0));
    expect(pushed.every(({ status }) => status === 204)).toBe(true);
    const count = (what: string): number => calls.filter((call) => call === what).length;
    expect(count('changed')).toBe(pushed.length);
    expect(count('nudge')).toBe(times('SUCCESS') + times('again'));
  }, 60_000);

  it('come again when the answer got lost, to the same effect', async () => {
    lost = 1;
    await pubsub.subscribe('lossy', await passOn(INVOKER));
    await pubsub.publish([about('FAILURE')]);
    await until(() => times('FAILURE') >= 2);
    expect(calls.slice(0, 4)).toEqual(['changed', 'nudge', 'changed', 'nudge']);
  }, 60_000);

  it.each([
    ['nobody', null],
    ['another account', 'other@demo.iam.gserviceaccount.com'],
  ])(
    'change nothing when %s has signed them',
    async (name, signer) => {
      await pubsub.subscribe(`refused-${name.length}`, await passOn(signer));
      await pubsub.publish([about('SUCCESS', 'foreign')]);
      // It is not acknowledged, so it comes again, and is refused again.
      await until(() => times('foreign') >= 2);
      expect(pushed.filter(({ build }) => build === 'foreign').every(({ status }) => status === 401)).toBe(true);
      expect(calls).toEqual([]);
    },
    60_000,
  );
});
