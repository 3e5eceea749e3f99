import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../test/support/network/self-signed.ts';
import { authoritiesOf, readAuthorities } from './authorities.ts';

describe('the file of SLIPWAY_CA_FILE', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-ca-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));
  const fileOf = (text: string): string => {
    const path = join(dir, 'ca.pem');
    writeFileSync(path, text);
    return path;
  };

  it('may have several certificates, and words between them', () => {
    const [one, two] = [createAuthority('One').cert, createAuthority('Two').cert];
    const found = readAuthorities(fileOf(`# ours\n${one}\nand theirs:\r\n${two.replaceAll('\n', '\r\n')}`));
    expect(found.map(({ subject }) => subject)).toEqual(['CN=One', 'CN=Two']);
    expect(found.map(({ expiresAt }) => expiresAt)).toEqual([Date.UTC(2048, 0, 1), Date.UTC(2048, 0, 1)]);
  });

  it('stands beside the public authorities, and without one everybody has their own list', () => {
    const { cert } = createAuthority('One');
    const all = authoritiesOf(fileOf(cert));
    const [aPublic = 'none'] = getCACertificates('bundled');
    expect(all).toEqual(expect.arrayContaining([cert.trim(), aPublic.trim()]));
    expect(new Set(all).size).toBe(all.length);
    expect(authoritiesOf(null)).toEqual([]);
  });

  it.each([
    ['nothing', '', 'has no certificate'],
    ['a key', '-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n', 'has no certificate'],
    [
      'a broken certificate',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      'broken certificate, number 1',
    ],
  ])('is refused when it has %s', (_, text, words) => {
    expect(() => readAuthorities(fileOf(text))).toThrow(words);
  });

  it('is refused when it is not there, or is no file', () => {
    expect(() => readAuthorities(join(dir, 'nowhere'))).toThrow('ENOENT');
    expect(() => readAuthorities(dir)).toThrow('EISDIR');
  });
});
