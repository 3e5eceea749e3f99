/**
 * Reads the server name from the first bytes of a TLS connection (RFC 8446 section 4.1.2, RFC 6066 section 3). Pure.
 * Everything is bounded before it is read, whatever the bytes say of themselves.
 */

/** A ClientHello with post-quantum keys has about 2 KB; no program sends one that is near this. */
export const MAX_HELLO_BYTES = 32_768;
/** Into how many records a hello may be split: a walk over them is all that a further packet costs. */
const MAX_RECORDS = 64;
const MAX_RECORD_BYTES = 16_384;

export type HelloReading =
  /** Nothing is wrong yet, and it is not whole. */
  | { readonly kind: 'more' }
  /** `serverName` in lower case; null when the hello names none. */
  | { readonly kind: 'hello'; readonly serverName: string | null }
  | { readonly kind: 'not_tls'; readonly why: string };

const notTls = (why: string): HelloReading => ({ kind: 'not_tls', why });
const MORE: HelloReading = { kind: 'more' };

/** The bytes of a hello end too early. */
class Short extends Error {}

/** A cursor over bytes that cannot leave them. */
const cursorOver = (bytes: Buffer) => {
  let at = 0;
  const take = (count: number): Buffer => {
    if (at + count > bytes.length) throw new Short();
    at += count;
    return bytes.subarray(at - count, at);
  };
  const number = (width: number): number => take(width).readUIntBE(0, width);
  return {
    number,
    vector: (width: number): Buffer => take(number(width)),
    skip: take,
    atEnd: () => at === bytes.length,
  };
};

const EXTENSION_SERVER_NAME = 0;
const NAME_TYPE_HOST = 0;

const serverNameIn = (extension: Buffer): string => {
  const outer = cursorOver(extension);
  const list = cursorOver(outer.vector(2));
  const type = list.number(1);
  const name = list.vector(2).toString('latin1').toLowerCase();
  if (type !== NAME_TYPE_HOST || !list.atEnd() || !outer.atEnd()) throw new Short();
  return name;
};

const readBody = (body: Buffer): HelloReading => {
  const hello = cursorOver(body);
  hello.skip(2 + 32);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  if (hello.atEnd()) return { kind: 'hello', serverName: null };
  const extensions = cursorOver(hello.vector(2));
  if (!hello.atEnd()) return notTls('its ClientHello goes on behind its end');
  let serverName: string | null = null;
  while (!extensions.atEnd()) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (type !== EXTENSION_SERVER_NAME) continue;
    // Two could be read as one by us and as the other by the server.
    if (serverName !== null) return notTls('its ClientHello names two servers');
    serverName = serverNameIn(data);
  }
  return { kind: 'hello', serverName };
};

const CONTENT_HANDSHAKE = 22;
const CLIENT_HELLO = 1;

/** Reads what has arrived so far, from the first byte on. */
export const readClientHello = (bytes: Buffer): HelloReading => {
  const fragments: Buffer[] = [];
  let have = 0;
  let need = 4;
  for (let at = 0, records = 0; have < need; records += 1) {
    if (bytes.length > at && bytes[at] !== CONTENT_HANDSHAKE) return notTls('it does not begin like TLS');
    if (bytes.length > at + 1 && bytes[at + 1] !== 3) return notTls('it does not begin like TLS');
    if (records >= MAX_RECORDS) return notTls('its ClientHello is in too many pieces');
    if (bytes.length < at + 5) return MORE;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > MAX_RECORD_BYTES) return notTls('a record of its ClientHello has no possible length');
    const fragment = bytes.subarray(at + 5, at + 5 + length);
    fragments.push(fragment);
    have += fragment.length;
    if (need === 4 && have >= 4) {
      const head = fragments.length === 1 ? fragment : Buffer.concat(fragments);
      if (head[0] !== CLIENT_HELLO) return notTls('it does not begin with a ClientHello');
      need = 4 + head.readUIntBE(1, 3);
      if (need > MAX_HELLO_BYTES) return notTls('its ClientHello is too long');
    }
    if (fragment.length < length && have < need) return MORE;
    at += 5 + length;
  }
  try {
    return readBody(Buffer.concat(fragments).subarray(4, need));
  } catch (error) {
    if (error instanceof Short) return notTls('its ClientHello ends too early');
    throw error;
  }
};

/** What a client is told when its hello is refused: the fatal alert `unrecognized_name` (RFC 6066, RFC 8446 section 6). */
export const UNRECOGNIZED_NAME = Buffer.from([21, 3, 3, 0, 2, 2, 112]);
