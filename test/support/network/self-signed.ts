/** Certificates made anew for each test: one that nobody vouches for, or those of an authority. No key lies in the repository. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  // The shortest form: strict readers take no other.
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, 'latin1'));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const octets = (...parts: readonly Uint8Array[]): Buffer => der(0x04, ...parts);
const CRITICAL = der(0x01, Buffer.from([0xff]));

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
// RFC 5280, section 4.2.1: what strict readers want of an authority and of what it signs.
const subjectAltName = (names: readonly string[]): Buffer =>
  sequence(oid('551d11'), octets(sequence(...names.map((one) => text(0x82, one)))));
const subjectKey = (key: KeyObject): Buffer => sequence(oid('551d0e'), octets(octets(keyId(key))));
const authorityKey = (key: KeyObject): Buffer => sequence(oid('551d23'), octets(sequence(der(0x80, keyId(key)))));
const IS_AUTHORITY = sequence(oid('551d13'), CRITICAL, octets(sequence(CRITICAL)));
const SIGNS_CERTIFICATES = sequence(oid('551d0f'), CRITICAL, octets(der(0x03, Buffer.from([2, 0x04]))));

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const keyId = (key: KeyObject): Buffer => createHash('sha1').update(spki(key)).digest();

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}
const pair = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const certificate = (
  subject: string,
  key: KeyObject,
  issuer: { readonly name: string; readonly privateKey: KeyObject },
  extensions: readonly Uint8Array[],
): string => {
  const named = (name: string) => sequence(der(0x31, sequence(COMMON_NAME, text(0x0c, name))));
  const validity = sequence(text(0x17, '240101000000Z'), text(0x17, '480101000000Z'));
  const tbs = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, ...keyId(key).subarray(0, 8)])),
    ECDSA_WITH_SHA256,
    named(issuer.name),
    validity,
    named(subject),
    spki(key),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', tbs, issuer.privateKey);
  const whole = sequence(tbs, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
};

/** Key and certificate, PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

/** For these names. */
export const selfSigned = (...names: readonly string[]): TlsIdentity => {
  const { privateKey, publicKey } = pair();
  const name = 'slipway test';
  return { key: pem(privateKey), cert: certificate(name, publicKey, { name, privateKey }, [subjectAltName(names)]) };
};

export interface TestAuthority {
  /** Its own certificate, PEM. */
  readonly cert: string;
  /** For a server with these names. */
  issue(...names: readonly string[]): TlsIdentity;
}

/** @param name the common name that its certificate has */
export const createAuthority = (name: string): TestAuthority => {
  const own = pair();
  const issuer = { name, privateKey: own.privateKey };
  const extensions = [IS_AUTHORITY, SIGNS_CERTIFICATES, subjectKey(own.publicKey)];
  return {
    cert: certificate(name, own.publicKey, issuer, extensions),
    issue: (...names) => {
      const { privateKey, publicKey } = pair();
      const said = [subjectAltName(names), subjectKey(publicKey), authorityKey(own.publicKey)];
      return { key: pem(privateKey), cert: certificate('server', publicKey, issuer, said) };
    },
  };
};
