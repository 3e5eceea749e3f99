import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Origin, openOrigin } from '../../support/network/origin.ts';
import { askOver, openScene, type Scene } from './scene.ts';

let origin: Origin;
let scene: Scene;
beforeEach(async () => {
  origin = await openOrigin(['good.example']);
  scene = await openScene({ privateHosts: ['good.example', 'other.example', '127.0.0.1'] });
  scene.names.set('good.example', [['127.0.0.1']]);
  scene.names.set('other.example', [['127.0.0.1']]);
});
afterEach(async () => {
  await scene.close();
  await origin.close();
});

const allowAll = () => scene.open(`good.example:${origin.httpsPort}`, `127.0.0.1:${origin.httpsPort}`);

describe('CONNECT', () => {
  it('leads to an allowed host under its own name, end to end', async () => {
    await allowAll();
    const tunnel = await scene.connect(`GOOD.example:${origin.httpsPort}`);
    expect(tunnel.status).toBe(200);
    expect(await askOver(scene.secure(tunnel.socket, 'good.example'), 'good.example')).toContain('from the outside');
    expect(origin.requests).toEqual(['GET good.example /path']);
    expect(scene.refusals).toEqual([]);
  });

  it('carries what is larger than any buffer, both ways', async () => {
    const size = 8 * 1_048_576;
    origin.answer((request, response) => {
      let got = 0;
      request.on('data', (part: Buffer) => {
        got += part.length;
      });
      request.on('end', () => response.end(Buffer.alloc(size, String(got === size))));
    });
    await allowAll();
    const { socket } = await scene.connect(`good.example:${origin.httpsPort}`);
    const secure = scene.secure(socket, 'good.example');
    await once(secure, 'secureConnect');
    secure.write(`POST / HTTP/1.1\r\nhost: good.example\r\nconnection: close\r\ncontent-length: ${size}\r\n\r\n`);
    secure.write(Buffer.alloc(size, 1));
    let got = 0;
    for await (const part of secure) got += part.length;
    expect(got).toBeGreaterThan(size);
  });

  it('takes a hello that comes byte by byte', async () => {
    await allowAll();
    const { socket } = await scene.connect(`good.example:${origin.httpsPort}`);
    const write = socket.write.bind(socket);
    const slow = Object.assign(socket, {
      write: (bytes: Buffer, ...rest: unknown[]) => {
        for (const byte of bytes) write(Buffer.from([byte]));
        for (const one of rest) if (typeof one === 'function') one();
        return true;
      },
    });
    expect(await askOver(scene.secure(slow, 'good.example'), 'good.example')).toContain('from the outside');
  });

  it.each([
    ['another name', 'other.example', 'for another host'],
    ['no name', '', 'does not say which host'],
  ])('refuses TLS under %s, and nothing of it reaches the host', async (_what, serverName, reason) => {
    await allowAll();
    const { socket, status } = await scene.connect(`good.example:${origin.httpsPort}`);
    expect(status).toBe(200);
    const secure = scene.secure(socket, serverName);
    const [error] = await once(secure, 'error');
    expect(String(error)).toMatch(/unrecognized.name/i);
    expect(scene.refusals).toMatchObject([{ host: 'good.example', port: origin.httpsPort }]);
    expect(scene.refusals[0]?.reason).toContain(reason);
    expect(origin.requests).toEqual([]);
  });

  it('refuses what is not TLS', async () => {
    await scene.open(`good.example:${origin.httpPort}`);
    const { socket } = await scene.connect(`good.example:${origin.httpPort}`);
    socket.resume().write('GET / HTTP/1.1\r\nhost: good.example\r\n\r\n');
    await once(socket, 'end');
    expect(scene.refusals[0]?.reason).toContain('not TLS');
    expect(origin.requests).toEqual([]);
  });

  it('refuses hosts and ports that are not in the list, without looking them up', async () => {
    await allowAll();
    for (const [asked, setting] of [
      ['evil.example:443', 'add "evil.example" to network.allow'],
      ['evil.example:22', 'add "evil.example:22" to network.allow'],
      ['good.example:443', 'add "good.example:443" to network.allow'],
      ['x.good.example:443', 'add "x.good.example" to network.allow'],
    ] as const) {
      const { status, text } = await scene.connect(asked);
      expect(status).toBe(403);
      expect(text).toContain(asked.split(':')[0]);
      expect(text).toContain(setting);
    }
    expect(scene.lookups).toEqual([]);
    expect(scene.refusals).toHaveLength(4);
    expect(origin.connections()).toBe(0);
  });

  it('tells each host, port and reason once', async () => {
    await allowAll();
    for (const host of ['evil.example:443', 'evil.example:443', 'EVIL.example:443', 'evil.example:80']) {
      await scene.connect(host);
    }
    expect(scene.refusals.map(({ host, port }) => `${host}:${port}`)).toEqual(['evil.example:443', 'evil.example:80']);
  });

  it.each(['127.0.0.1', '2130706433', '0x7f000001', '0177.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254'])(
    'refuses the address %s',
    async (address) => {
      await scene.open('good.example', '*.example');
      const { status, text } = await scene.connect(`${address}:443`);
      expect(status).toBe(403);
      expect(text).toMatch(/address/);
      expect(scene.refusals).toHaveLength(1);
      expect(scene.lookups).toEqual([]);
    },
  );

  it('leads to an address that the scope and the operator both hold', async () => {
    await allowAll();
    const { socket, status } = await scene.connect(`127.0.0.1:${origin.httpsPort}`);
    expect(status).toBe(200);
    expect(await askOver(scene.secure(socket, ''), 'x')).toContain('from the outside');
  });

  it('refuses what is no host and port', async () => {
    await allowAll();
    for (const asked of ['good.example', 'good.example:0', 'a%20b:443', 'user@good.example:443', '/path']) {
      expect((await scene.raw(`CONNECT ${asked} HTTP/1.1\r\nhost: x\r\n\r\n`)).status).toBeGreaterThanOrEqual(400);
    }
    expect(origin.connections()).toBe(0);
  });
});
