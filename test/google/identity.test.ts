/** Google's signed tokens: which are taken, and which are not. */
import { describe, expect, it } from 'vitest';
import { createGoogleIdentity } from '../../src/system/google-identity.ts';
import { createIdentity } from '../support/google/identity.ts';

const AUDIENCE = 'https://slipway.example';
const IAP = '/projects/1/global/backendServices/2';
const INVOKER = 'invoker@demo.iam.gserviceaccount.com';

const keys = createIdentity();
const identity = createGoogleIdentity({
  audience: AUDIENCE,
  invoker: INVOKER,
  iapAudience: IAP,
  certificates: keys.certs,
});
const good = { aud: AUDIENCE, email: INVOKER };
const past = Math.floor(Date.now() / 1_000) - 7_200;

describe('an identity token', () => {
  it('of the invoker, for this server, is taken', async () => {
    expect(await identity.isInvoker(keys.idToken(good))).toBe(true);
  });

  it.each<[string, string]>([
    ['of another account', keys.idToken({ ...good, email: 'x@demo.iam.gserviceaccount.com' })],
    ['for another server', keys.idToken({ ...good, aud: 'https://other.example' })],
    ['of another issuer', keys.idToken({ ...good, iss: 'https://other.example' })],
    ['with an address that nobody verified', keys.idToken({ ...good, email_verified: false })],
    ['that has expired', keys.idToken({ ...good, iat: past, exp: past + 60 })],
    ['signed by another key', createIdentity().idToken(good)],
    ['without a signature', `${keys.idToken(good).split('.').slice(0, 2).join('.')}.`],
    ['that is none', 'x'],
    ['that is empty', ''],
  ])('%s is not', async (_name, token) => {
    expect(await identity.isInvoker(token)).toBe(false);
  });

  it('is taken from nobody where no invoker is set', async () => {
    const none = createGoogleIdentity({
      audience: AUDIENCE,
      invoker: null,
      iapAudience: null,
      certificates: keys.certs,
    });
    expect(await none.isInvoker(keys.idToken(good))).toBe(false);
    expect(await none.iapUser(keys.iapAssertion({ aud: IAP, email: 'a@b.example' }))).toBeNull();
  });
});

describe('an assertion of Identity-Aware Proxy', () => {
  it('names the user', async () => {
    expect(await identity.iapUser(keys.iapAssertion({ aud: IAP, email: 'ann@team.example' }))).toBe('ann@team.example');
  });

  it.each<[string, string]>([
    ['for another backend', keys.iapAssertion({ aud: '/projects/1/other', email: 'a@b.example' })],
    ['that has expired', keys.iapAssertion({ aud: IAP, email: 'a@b.example', iat: past, exp: past + 60 })],
    ['without a user', keys.iapAssertion({ aud: IAP })],
    ['with a user that is no name', keys.iapAssertion({ aud: IAP, email: '<script>' })],
    ['signed by another key', createIdentity().iapAssertion({ aud: IAP, email: 'a@b.example' })],
    ['that is an identity token', keys.idToken({ aud: IAP, email: 'a@b.example' })],
  ])('%s names nobody', async (_name, assertion) => {
    expect(await identity.iapUser(assertion)).toBeNull();
  });
});
