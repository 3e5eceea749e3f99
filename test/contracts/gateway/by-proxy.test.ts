/** The way to a model service that only a company's proxy leads to: its name resolves nowhere else. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectProxy, openConnectProxy } from '../../support/network/connect-proxy.ts';
import { type Origin, openOrigin } from '../../support/network/origin.ts';
import { runningRun } from './run-witness.ts';
import { entered, openScene, REAL_KEY, type Reply, type Scene } from './scene.ts';

const NAME = 'model.invalid';
const PASSWORD = 'me:proxy-secret';

describe('with a proxy between the gateway and the model service', () => {
  let origin: Origin;
  let secure: ConnectProxy;
  let plain: ConnectProxy;
  let scene: Scene;
  const keys: (string | string[] | undefined)[] = [];
  const trusted = getCACertificates('default');

  beforeAll(async () => {
    origin = await openOrigin([NAME]);
    origin.answer(({ headers }, response) => {
      keys.push(headers['x-api-key'], headers['proxy-authorization']);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"from":"the model"}');
    });
    setDefaultCACertificates([...trusted, origin.cert]);
    secure = await openConnectProxy(origin.httpsPort, PASSWORD);
    plain = await openConnectProxy(origin.httpPort);
    scene = await openScene();
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await scene.close();
    await Promise.all([secure.close(), plain.close(), origin.close()]);
  });

  /** One answer of the model service by a gateway with these settings. */
  const ask = async (
    baseUrl: string,
    given: { password?: string; none?: string; authorities?: readonly string[] } = {},
  ): Promise<Reply> => {
    const { password = PASSWORD, none = null, authorities = [] } = given;
    const proxies = { https: `http://${password}@127.0.0.1:${secure.port}`, http: `127.0.0.1:${plain.port}`, none };
    const gateway = scene.another({ upstream: { baseUrl, apiKey: REAL_KEY, authToken: null, proxies, authorities } });
    const run = scene.witness.add(runningRun(null));
    const reply = await entered(run, await gateway.open(run)).ask({ body: { model: 'm' } });
    await gateway.stop();
    return reply;
  };

  it('reaches an https one through a tunnel, and shows the proxy its password and never the key', async () => {
    const reply = await ask(`https://${NAME}`);
    expect([reply.status, reply.text]).toEqual([200, '{"from":"the model"}']);
    expect(secure.requests.splice(0)).toEqual([`CONNECT ${NAME}:443`]);
    expect(keys.splice(0)).toEqual([REAL_KEY, undefined]);
  });

  it('believes an https one that only an authority of its settings vouches for', async () => {
    setDefaultCACertificates(trusted);
    try {
      expect((await ask(`https://${NAME}`)).status).toBe(502);
      expect((await ask(`https://${NAME}`, { authorities: [origin.cert] })).status).toBe(200);
    } finally {
      setDefaultCACertificates([...trusted, origin.cert]);
    }
    secure.requests.length = 0;
    keys.length = 0;
  });

  it('reaches an http one by its whole address', async () => {
    const reply = await ask(`http://${NAME}:8080/below`);
    expect([reply.status, reply.text]).toEqual([200, '{"from":"the model"}']);
    expect(plain.requests.splice(0)).toEqual([`POST http://${NAME}:8080/below/v1/messages?beta=true`]);
    expect(keys.splice(0)).toEqual([REAL_KEY, undefined]);
  });

  it('goes past the proxy where NO_PROXY says so, and to this machine itself', async () => {
    expect((await ask(`https://${NAME}`, { none: '.invalid' })).status).toBe(502);
    expect((await ask(`http://127.0.0.1:${origin.httpPort}`)).status).toBe(200);
    expect([...secure.requests, ...plain.requests]).toEqual([]);
    keys.length = 0;
  });

  it('says that the service is not to be reached when the proxy refuses, without its password', async () => {
    const reply = await ask(`https://${NAME}`, { password: 'me:wrong-secret' });
    expect(reply.status).toBe(502);
    expect(reply.text).not.toContain('wrong-secret');
    expect(scene.logged.join('')).not.toContain('wrong-secret');
    expect(secure.requests.splice(0)).toEqual([`CONNECT ${NAME}:443`]);
    expect(keys).toEqual([]);
  });

  it('has a proxy that refuses whoever shows no password', async () => {
    const asked = request({ port: secure.port, method: 'CONNECT', path: `${NAME}:443` }).end();
    const [answer] = (await once(asked, 'connect')) as [IncomingMessage];
    expect(answer.statusCode).toBe(407);
    secure.requests.length = 0;
  });
});
