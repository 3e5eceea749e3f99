/** Plain HTTP through the proxy, and the life of its socket. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Origin, openOrigin } from '../../support/network/origin.ts';
import { openScene, type Scene } from './scene.ts';

let origin: Origin;
let scene: Scene;
beforeEach(async () => {
  origin = await openOrigin(['good.example']);
  scene = await openScene({ privateHosts: ['good.example'] });
  scene.names.set('good.example', [['127.0.0.1']]);
});
afterEach(async () => {
  await scene.close();
  await origin.close();
});

const allow = () => scene.open(`good.example:${origin.httpPort}`);
const url = (path: string): string => `http://good.example:${origin.httpPort}${path}`;

describe('a plain request', () => {
  it('reaches the host of its address, whatever its Host header says', async () => {
    await allow();
    const reply = await scene.get(url('/a?b=c'), { host: 'evil.example' });
    expect(reply).toMatchObject({ status: 200, text: 'from the outside' });
    expect(origin.requests).toEqual([`GET good.example:${origin.httpPort} /a?b=c`]);
  });

  it('carries headers of the message and none of the connection, both ways', async () => {
    const seen: string[][] = [];
    origin.answer((got, response) => {
      seen.push(got.rawHeaders);
      response.writeHead(200, [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'Connection',
        'x-own',
        'X-Own',
        '1',
        'X-End',
        '1',
      ]);
      response.end();
    });
    await allow();
    const reply = await scene.get(url('/'), {
      connection: 'x-hop, close',
      'x-hop': '1',
      'proxy-authorization': 'secret',
      'x-end': 'yes',
    });
    const names = (seen[0] ?? []).map((text) => text.toLowerCase());
    expect(names).toContain('x-end');
    for (const name of ['x-hop', 'proxy-authorization', 'secret']) expect(names).not.toContain(name);
    expect(reply.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(reply.headers['x-end']).toBe('1');
    expect(reply.headers['x-own']).toBeUndefined();
  });

  it('carries a body of any size, with a length or in chunks', async () => {
    origin.answer((got, response) => got.pipe(response));
    await allow();
    const body = Buffer.alloc(3_000_000, 'body');
    for (const headers of [{ 'content-length': body.length }, { 'transfer-encoding': 'chunked' }]) {
      const asked = request({ socketPath: scene.socketPath, method: 'POST', path: url('/'), headers, agent: false });
      asked.end(body);
      const [answer] = await once(asked, 'response');
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      expect(Buffer.concat(parts).equals(body)).toBe(true);
    }
  });

  it.each([
    ['GET', 'http://evil.example/', 403],
    ['GET', 'http://good.example/', 403],
    ['GET', 'http://127.0.0.1/', 403],
    ['GET', 'http://0x7f.1/', 403],
    ['GET', 'http://good.example@evil.example/', 400],
    ['GET', 'http://evil.example\\@good.example/', 400],
    ['GET', 'https://good.example/', 400],
    ['GET', 'ftp://good.example/', 400],
    ['GET', '/path', 400],
  ])('%s %s is refused', async (method, address, status) => {
    await allow();
    const reply = await scene.raw(`${method} ${address} HTTP/1.1\r\nhost: good.example\r\nconnection: close\r\n\r\n`);
    expect(reply.status).toBe(status);
    expect(origin.connections()).toBe(0);
  });

  it('asks for no upgrade', async () => {
    await allow();
    const reply = await scene.get(url('/'), { connection: 'upgrade', upgrade: 'websocket' });
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('upgrade');
    expect(origin.connections()).toBe(0);
  });

  it('to a host that does not answer is a 502, and one that is cut is cut', async () => {
    const { httpPort } = origin;
    await allow();
    origin.answer((_got, response) => {
      response.write('begun', () => response.socket?.destroy());
    });
    await expect(scene.get(url('/')).then(({ text }) => text)).resolves.toBe('(cut)');
    await origin.close();
    expect((await scene.get(`http://good.example:${httpPort}/`)).status).toBe(502);
  });
});

describe('a way', () => {
  it('ends what is open, and its socket, when it is closed; twice is once', async () => {
    origin.answer((_got, response) => void response.write('begun'));
    const way = await allow();
    const asked = request({ socketPath: scene.socketPath, path: url('/'), agent: false }).end();
    const [answer] = await once(asked, 'response');
    const cut = once(answer, 'error');
    answer.resume();
    await Promise.all([way.close(), way.close(), cut]);
    expect(existsSync(scene.socketPath)).toBe(false);
  });

  it('takes the place of an earlier one at the same socket, which removes nothing when it closes', async () => {
    const former = await scene.open('other.example');
    const latter = await allow();
    await former.close();
    expect((await scene.get(url('/'))).status).toBe(200);
    await latter.close();
  });

  it('has so many connections at once and no more', async () => {
    const few = await openScene({ bounds: { maxConnections: 3 } });
    await few.open('good.example');
    const held = Array.from({ length: 3 }, () => connect(few.socketPath));
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    await expect(few.get('http://evil.example/')).rejects.toThrow();
    for (const socket of held) socket.destroy();
    await few.close();
  });

  it('does not wait for ever for a hello', async () => {
    const hasty = await openScene({ privateHosts: ['good.example'], bounds: { helloMs: 50 } });
    hasty.names.set('good.example', [['127.0.0.1']]);
    await hasty.open(`good.example:${origin.httpsPort}`);
    const { socket, status } = await hasty.connect(`good.example:${origin.httpsPort}`);
    expect(status).toBe(200);
    await once(socket.resume(), 'close');
    await hasty.close();
  });
});
