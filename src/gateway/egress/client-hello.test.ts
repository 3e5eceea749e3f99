import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_HELLO_BYTES, readClientHello } from './client-hello.ts';

const sized = (width: number, bytes: Buffer): Buffer => {
  const length = Buffer.alloc(width);
  length.writeUIntBE(bytes.length, 0, width);
  return Buffer.concat([length, bytes]);
};
const extension = (type: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(type);
  return Buffer.concat([head, sized(2, data)]);
};
const serverName = (name: string, type = 0): Buffer =>
  extension(0, sized(2, Buffer.concat([Buffer.from([type]), sized(2, Buffer.from(name, 'latin1'))])));

/** A handshake message with a ClientHello; null for one from before extensions. */
const message = (extensions: readonly Buffer[] | null): Buffer => {
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    sized(1, Buffer.alloc(32, 9)),
    sized(2, Buffer.from([0x13, 0x01, 0x13, 0x02])),
    sized(1, Buffer.from([0])),
    ...(extensions === null ? [] : [sized(2, Buffer.concat(extensions))]),
  ]);
  return Buffer.concat([Buffer.from([1]), sized(3, body)]);
};
const record = (fragment: Buffer): Buffer => Buffer.concat([Buffer.from([22, 3, 1]), sized(2, fragment)]);
const hello = (...extensions: readonly Buffer[]): Buffer => record(message(extensions));

const named = (name: string) => ({ kind: 'hello', serverName: name });

describe('readClientHello', () => {
  it('reads the name of a real client, lower case', async () => {
    const [ours, theirs] = duplexPair();
    connect({ socket: ours, servername: 'API.Example.com' }).on('error', () => undefined);
    const [first] = await once(theirs, 'data');
    expect(readClientHello(first)).toEqual(named('api.example.com'));
    ours.destroy();
  });

  it('knows a hello without a name, with extensions or from before there were any', () => {
    expect(readClientHello(hello(extension(43, Buffer.from([2, 3, 4]))))).toEqual({ kind: 'hello', serverName: null });
    expect(readClientHello(record(message(null)))).toEqual({ kind: 'hello', serverName: null });
  });

  it('waits for the rest of every beginning, and reads what comes behind the end as of no concern', () => {
    const whole = hello(extension(16, Buffer.alloc(300)), serverName('a.example'));
    for (let length = 0; length < whole.length; length += 1) {
      expect(readClientHello(whole.subarray(0, length))).toEqual({ kind: 'more' });
    }
    expect(readClientHello(Buffer.concat([whole, Buffer.from('GET / HTTP/1.1')]))).toEqual(named('a.example'));
  });

  it('reads a hello that is split into records anywhere', () => {
    const whole = message([extension(51, Buffer.alloc(1_200, 1)), serverName('split.example')]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 40 }), (cuts) => {
        const edges = [0, ...new Set(cuts), whole.length].sort((a, b) => a - b);
        const records = edges.slice(1).map((end, at) => record(whole.subarray(edges[at], end)));
        expect(readClientHello(Buffer.concat(records))).toEqual(named('split.example'));
      }),
    );
  });

  it('refuses two names, other kinds of names, and more than one name in a list', () => {
    const bad = [
      hello(serverName('a.example'), serverName('b.example')),
      hello(serverName('a.example', 1)),
      hello(
        extension(
          0,
          sized(
            2,
            Buffer.concat([0, 0].map(() => Buffer.concat([Buffer.from([0]), sized(2, Buffer.from('a.example'))]))),
          ),
        ),
      ),
      hello(extension(0, Buffer.alloc(0))),
      hello(extension(0, Buffer.concat([sized(2, Buffer.from([0, 0, 1, 97])), Buffer.from([1])]))),
    ];
    for (const bytes of bad) expect(readClientHello(bytes).kind).toBe('not_tls');
  });

  it.each([
    ['plain text', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['SSH', Buffer.from('SSH-2.0-x\r\n')],
    ['one byte that is no TLS', Buffer.from([0])],
    ['SSL 2', Buffer.from([0x80, 0x2e, 1, 3, 1])],
    ['another handshake message', record(Buffer.from([2, 0, 0, 0]))],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
    ['a record that is too long', Buffer.from([22, 3, 1, 0x40, 1])],
    ['a hello that is too long', record(Buffer.from([1, 0x7f, 0, 0]))],
    ['a hello of one-byte records', Buffer.concat(Array.from({ length: 65 }, () => record(Buffer.from([1]))))],
    [
      'bytes behind the extensions',
      record(Buffer.concat([Buffer.from([1]), sized(3, Buffer.concat([message([]).subarray(4), Buffer.from([0])]))])),
    ],
  ])('refuses %s', (_what, bytes) => {
    expect(readClientHello(bytes).kind).toBe('not_tls');
  });

  it('answers any bytes, and never asks for more than it would take', () => {
    const whole = hello(extension(51, Buffer.alloc(64)), serverName('a.example'));
    const broken = fc
      .tuple(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }), fc.nat(whole.length))
      .map(([changes, length]) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
          broken,
        ),
        (bytes) => {
          expect(['more', 'hello', 'not_tls']).toContain(readClientHello(bytes).kind);
        },
      ),
      { numRuns: 2_000 },
    );
    const endless = Buffer.concat(Array.from({ length: 5 }, () => record(Buffer.alloc(16_384, 1))));
    expect(endless.length).toBeGreaterThan(MAX_HELLO_BYTES);
    expect(readClientHello(endless).kind).not.toBe('more');
  });
});
