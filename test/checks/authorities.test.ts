/** What is said of the operator's own certificate authorities. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAuthorities } from '../../src/checks/authorities.ts';
import { readAuthorities } from '../../src/system/authorities.ts';
import { createAuthority } from '../support/network/self-signed.ts';

const IN_2026 = Date.UTC(2026, 0, 1);

describe('the check of the certificate authorities', () => {
  let dir: string;
  let path: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'slipway-ca-'));
    path = join(dir, 'ca.pem');
    writeFileSync(path, createAuthority('Corp Root').cert);
  });
  afterAll(() => rmSync(dir, { recursive: true }));
  const check = (file: string, now = IN_2026) => checkAuthorities(file, readAuthorities, now);

  it('names them', () => {
    const detail = `CN=Corp Root (${path})`;
    expect(check(path)).toEqual({ part: 'certificate authorities', status: 'ok', detail, mend: null });
  });

  it('warns of one that has expired', () => {
    expect(check(path, Date.UTC(2049, 0, 1))).toMatchObject({
      status: 'degraded',
      detail: `expired: CN=Corp Root (${path})`,
    });
  });

  it('misses a file that has none, and tells how to look at it', () => {
    expect(check(join(dir, 'nowhere'))).toMatchObject({
      status: 'missing',
      detail: expect.stringContaining('ENOENT'),
      mend: expect.stringContaining('openssl x509 -in'),
    });
  });
});
