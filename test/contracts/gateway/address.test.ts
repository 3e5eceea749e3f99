/** The way to the model by an address. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../../src/core/run.ts';
import { type AddressGateway, createAddressGateway } from '../../../src/gateway/address.ts';
import { createDirectGateway } from '../../../src/gateway/direct.ts';
import { partsOf } from '../../../src/gateway/gateway.ts';
import { NO_PROXIES } from '../../../src/gateway/outgoing-proxy.ts';
import { runToken } from '../../../src/gateway/tokens.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import { createWitness, runningRun, startingRun, type TestWitness } from './run-witness.ts';
import { REAL_KEY, type Reply, replyTo, systemClock } from './scene.ts';
import { answers, MODEL, openUpstream, type ScriptedUpstream } from './scripted-upstream.ts';

const SECRET = new Uint8Array(32).fill(9);
const EXECUTOR = 'cloud-build';
const quiet = (): void => undefined;
const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => logger };

const inBuild = (): Run => ({ ...runningRun(null), executor: EXECUTOR });

describe('the gateway by an address', () => {
  let upstream: ScriptedUpstream;
  let witness: TestWitness;
  let closing: (() => Promise<unknown>)[];
  beforeEach(async () => {
    upstream = await openUpstream();
    upstream.answer(answers(200, { model: MODEL, usage: { output_tokens: 1 } }));
    witness = createWitness();
    closing = [() => upstream.close()];
  });
  afterEach(async () => {
    for (const close of closing) await close();
  });

  /** One of several processes of an installation: they share the record and the secret, and nothing else. */
  const serve = async (): Promise<{ gateway: AddressGateway; port: number }> => {
    const parts = partsOf({
      upstream: { baseUrl: upstream.baseUrl, apiKey: REAL_KEY, authToken: null, proxies: NO_PROXIES, authorities: [] },
      secret: SECRET,
      witness,
      clock: systemClock,
      logger,
    });
    const gateway = createAddressGateway({
      parts,
      secret: SECRET,
      address: 'http://slipway.example/gateway',
      executor: EXECUTOR,
    });
    const server = createServer(gateway.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.unshift(async () => {
      await gateway.stop();
      server.closeAllConnections();
      server.close();
    });
    const address: AddressInfo | string | null = server.address();
    return { gateway, port: address !== null && typeof address === 'object' ? address.port : 0 };
  };
  const ask = (port: number, token: string, path = '/v1/messages'): Promise<Reply> => {
    const headers = { 'content-type': 'application/json', 'x-api-key': token };
    const asked = request({ port, host: '127.0.0.1', path, method: 'POST', agent: false, headers });
    asked.on('error', quiet);
    asked.end(JSON.stringify({ model: MODEL, stream: true }));
    return replyTo(asked);
  };

  it('passes a live run on with the real key, and gives it no other than its own token', async () => {
    const { gateway, port } = await serve();
    const run = witness.add(inBuild());
    const { env, socketDir } = await gateway.open(run);
    expect([env.ANTHROPIC_BASE_URL, socketDir]).toEqual(['http://slipway.example/gateway', null]);
    const reply = await ask(port, env.ANTHROPIC_API_KEY ?? '');
    expect(reply.status).toBe(200);
    expect(JSON.stringify([reply, env])).not.toContain(REAL_KEY);
  });

  it('lets nobody in with a token that is foreign, forged, late or missing', async () => {
    const { gateway, port } = await serve();
    const run = witness.add(inBuild());
    const access = await gateway.open(run);
    const token = access.env.ANTHROPIC_API_KEY ?? '';
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    for (const wrong of [
      '',
      'x',
      forged,
      runToken(new Uint8Array(32), run.id),
      runToken(SECRET, runningRun(null).id),
    ]) {
      expect((await ask(port, wrong)).status).toBe(401);
    }
    expect((await ask(port, token, '/v1/models')).status).toBe(404);
    await access.close();
    expect((await ask(port, token)).status).toBe(401);
    expect(upstream.seen.length).toBe(0);
  });

  it('is closed to a run beside the server, whose token is good on its own socket alone', async () => {
    const { port } = await serve();
    const turn = witness.add({ ...runningRun(null), executor: 'local' });
    expect((await ask(port, runToken(SECRET, turn.id))).status).toBe(401);
    expect(upstream.seen.length).toBe(0);
  });

  it('serves a run that another process drives, until that run is over', async () => {
    const [driver, other] = [await serve(), await serve()];
    const run = witness.add(inBuild());
    const access = await driver.gateway.open(run);
    const token = access.env.ANTHROPIC_API_KEY ?? '';
    expect((await ask(other.port, token)).status).toBe(200);
    witness.finish(run.id);
    expect((await ask(other.port, token)).status).toBe(401);
  });
});

describe('no gateway', () => {
  it('is said on the run, once, and gives no key', async () => {
    const witness = createWitness();
    const gateway = createDirectGateway(witness, 'https://models.example');
    const starting = witness.add(startingRun());
    const { env } = await gateway.open(starting);
    await gateway.open(witness.add(runningRun(null, starting.id)));
    expect(env).toEqual({ ANTHROPIC_BASE_URL: 'https://models.example' });
    const other = witness.add(startingRun());
    await gateway.open(other);
    expect(witness.events(other.id)).toMatchObject([
      { type: 'log', data: { level: 'warn', text: expect.stringContaining('SLIPWAY_PUBLIC_URL') } },
    ]);
    expect(witness.events(starting.id)).toEqual([]);
  });
});
