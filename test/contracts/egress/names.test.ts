/** Names that lead where no place may go, at once or a moment later. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Origin, openOrigin } from '../../support/network/origin.ts';
import { askOver, openScene, type Scene } from './scene.ts';

let origin: Origin;
let scene: Scene;
beforeEach(async () => {
  origin = await openOrigin(['good.example', 'corp.example']);
  scene = await openScene({ privateHosts: ['corp.example'], bounds: { connectMs: 300 } });
});
afterEach(async () => {
  await scene.close();
  await origin.close();
});

describe('a public name', () => {
  it.each([
    [['127.0.0.1'], 'private'],
    [['10.1.2.3'], 'private'],
    [['100.64.1.1'], 'private'],
    [['::1'], 'private'],
    [['fd00::1'], 'private'],
    [['::ffff:192.168.1.1'], 'private'],
    [['64:ff9b::10.0.0.1'], 'private'],
    [['2002:7f00:1::1'], 'private'],
    [['1.1.1.1', '127.0.0.1'], 'private'],
    [['169.254.169.254'], 'No setting'],
    [['fd00:ec2::254'], 'No setting'],
    [['fe80::1'], 'No setting'],
    [['0.0.0.0'], 'No setting'],
    [['224.0.0.1'], 'No setting'],
    [['1.1.1.1', '::ffff:169.254.169.254'], 'No setting'],
  ])('that leads to %j is refused', async (addresses, says) => {
    scene.names.set('good.example', [addresses]);
    await scene.open(`good.example:${origin.httpsPort}`, `good.example:${origin.httpPort}`);
    const tunnel = await scene.connect(`good.example:${origin.httpsPort}`);
    const plain = await scene.get(`http://good.example:${origin.httpPort}/`);
    for (const { status, text } of [tunnel, plain]) {
      expect(status).toBe(403);
      expect(text).toContain(says);
    }
    expect(scene.refusals).toHaveLength(2);
    expect(origin.connections()).toBe(0);
  });

  it('is asked for once, and a second, private answer is never connected to', async () => {
    // 192.0.2.0/24 is nobody's, but refused; this one is public and does not answer a test.
    scene.names.set('good.example', [['198.41.0.99'], ['127.0.0.1']]);
    await scene.open(`good.example:${origin.httpsPort}`);
    const first = await scene.connect(`good.example:${origin.httpsPort}`);
    expect(first.status).toBe(502);
    expect(scene.lookups).toEqual(['good.example']);
    expect(origin.connections()).toBe(0);
    const second = await scene.connect(`good.example:${origin.httpsPort}`);
    expect(second.status).toBe(403);
    expect(origin.connections()).toBe(0);
  });

  it('that leads to this machine by its own public address is refused', async () => {
    const own = await openScene({ ownAddresses: () => ['198.41.0.99'] });
    own.names.set('good.example', [['198.41.0.99']]);
    await own.open('good.example');
    expect((await own.connect('good.example:443')).text).toContain('private address');
    await own.close();
  });

  it('without an address is no refusal, and says so', async () => {
    await scene.open('missing.example');
    const { status, text } = await scene.connect('missing.example:443');
    expect(status).toBe(502);
    expect(text).toContain('missing.example has no address');
    expect(scene.refusals).toEqual([]);
  });
});

describe("a name of the operator's list", () => {
  it('may be private, and the checked address is the one that is used', async () => {
    scene.names.set('corp.example', [['127.0.0.1'], ['127.0.0.9']]);
    await scene.open(`corp.example:${origin.httpsPort}`);
    const { socket, status } = await scene.connect(`corp.example:${origin.httpsPort}`);
    expect(status).toBe(200);
    expect(await askOver(scene.secure(socket, 'corp.example'), 'corp.example')).toContain('from the outside');
    expect(scene.lookups).toEqual(['corp.example']);
  });

  it('widens no allow list', async () => {
    scene.names.set('corp.example', [['127.0.0.1']]);
    await scene.open('good.example');
    expect((await scene.connect(`corp.example:${origin.httpsPort}`)).status).toBe(403);
    expect(scene.lookups).toEqual([]);
  });

  it.each(['169.254.169.254', 'fd00:ec2::254', 'fe80::1', '100.100.100.200'])(
    'is refused all the same when it leads to %s',
    async (address) => {
      scene.names.set('corp.example', [[address]]);
      await scene.open('corp.example');
      expect((await scene.connect('corp.example:443')).text).toContain('No setting');
    },
  );
});
