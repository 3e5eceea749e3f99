/** Tokens: the metadata server's access token, and identity tokens signed by a key of the emulator's own. */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Route, sendJson } from './http.ts';

export interface Identity {
  readonly route: Route;
  /** Public keys by key id, as PEM. */
  readonly certs: Readonly<Record<string, string>>;
  /** A signed identity token; `claims` replace the usual ones. */
  idToken(claims: Readonly<Record<string, unknown>>): string;
  /** An assertion of Identity-Aware Proxy. */
  iapAssertion(claims: Readonly<Record<string, unknown>>): string;
}

/** Name of the account that steps run as. */
export const RUNNER_ACCOUNT = 'runner@demo.iam.gserviceaccount.example';
/** What the metadata server hands out; accepted everywhere, as every other one is. */
export const ACCESS_TOKEN = 'ya29.emulator';

const KEY_ID = 'emulator';
const PROXY_KEY_ID = 'proxy';
const LIFETIME_SECONDS = 3_600;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const createIdentity = (): Identity => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const proxy = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const token = { access_token: ACCESS_TOKEN, expires_in: LIFETIME_SECONDS, token_type: 'Bearer' };
  return {
    certs: { [KEY_ID]: pem(publicKey), [PROXY_KEY_ID]: pem(proxy.publicKey) },
    iapAssertion: (claims) => {
      const now = Math.floor(Date.now() / 1_000);
      const usual = { iss: 'https://cloud.google.com/iap', iat: now, exp: now + 600 };
      const signed = `${part({ alg: 'ES256', kid: PROXY_KEY_ID, typ: 'JWT' })}.${part({ ...usual, ...claims })}`;
      const key = { key: proxy.privateKey, dsaEncoding: 'ieee-p1363' as const };
      return `${signed}.${createSign('SHA256').update(signed).sign(key, 'base64url')}`;
    },
    idToken: (claims) => {
      const now = Math.floor(Date.now() / 1_000);
      const usual = { iss: 'https://accounts.google.com', iat: now, exp: now + LIFETIME_SECONDS, email_verified: true };
      const signed = `${part({ alg: 'RS256', kid: KEY_ID, typ: 'JWT' })}.${part({ ...usual, ...claims })}`;
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
    },
    route: async ({ method, path, request, response }) => {
      if (method === 'POST' && path === '/token') return sendJson(response, token);
      if (!path.startsWith('/computeMetadata/v1')) return false;
      response.setHeader('metadata-flavor', 'Google');
      if (request.headers['metadata-flavor'] !== 'Google')
        return sendJson(response, { error: 'Missing Metadata-Flavor' }, 403);
      if (path.endsWith('/token')) return sendJson(response, token);
      if (path.endsWith('/email')) return plain(response, RUNNER_ACCOUNT);
      return path.endsWith('/project/project-id') ? plain(response, 'demo') : sendJson(response, {});
    },
  };
};

const plain = (response: Parameters<typeof sendJson>[0], text: string): true => {
  response.writeHead(200, { 'content-type': 'text/plain' }).end(text);
  return true;
};

const pem = (key: KeyObject): string => String(key.export({ type: 'spki', format: 'pem' }));
