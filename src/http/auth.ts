/** Who is asking: one strategy for each value of `SLIPWAY_AUTH`. */

import { HttpError } from '../api/errors.ts';
import { refuse } from '../api/faults.ts';
import type { UserId } from '../core/ids.ts';
import type { Engine } from '../engine/deps.ts';
import { authenticate } from '../engine/keys.ts';

export const AUTH_MODES = ['none', 'api-key', 'iap'] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

/** What strategies need. */
export interface AuthParts {
  readonly engine: Engine;
  readonly iapUser?: (assertion: string) => Promise<UserId | null>;
}

export interface AuthStrategy {
  /**
   * A browser is let in without having to show anything that only our own pages know. Requests that other sites make
   * it send are then refused by where they come from.
   */
  readonly ambient: boolean;
  /** The user behind a request; throws `unauthenticated` when there is none. */
  identify(headers: Headers): Promise<UserId>;
}

const LOCAL_USER = 'local';
const USER_ID = /^[A-Za-z0-9][A-Za-z0-9._@+:|-]{0,127}$/;

/** Everybody who reaches the server is let in: it listens on loopback alone. */
const none = (): AuthStrategy => ({
  ambient: true,
  identify: async (headers) => {
    const userId = headers.get('x-user-id') ?? LOCAL_USER;
    if (!USER_ID.test(userId)) {
      const message = 'must be 1 to 128 letters, digits or ._@+:|-, beginning with a letter or a digit';
      throw refuse('header', [{ pointer: 'x-user-id', message }]);
    }
    return userId as UserId;
  },
});

const BEARER = /^Bearer +(\S+)$/i;
const REALM = 'Bearer realm="slipway"';

const apiKey = ({ engine }: AuthParts): AuthStrategy => ({
  ambient: false,
  identify: async (headers) => {
    const header = headers.get('authorization');
    const hint = 'Send `Authorization: Bearer slw_…`. Keys are made with `slipway keys create`.';
    if (header === null) {
      throw new HttpError('unauthenticated', 'The request carries no API key.', {
        hint,
        headers: { 'www-authenticate': REALM },
      });
    }
    const secret = BEARER.exec(header)?.[1];
    const key = secret === undefined ? null : await authenticate(engine, secret);
    if (key !== null) return key.userId;
    throw new HttpError('unauthenticated', 'The API key is not known, or was revoked.', {
      hint,
      headers: { 'www-authenticate': `${REALM}, error="invalid_token"` },
    });
  },
});

const ASSERTION = 'x-goog-iap-jwt-assertion';

/**
 * Identity-Aware Proxy lets people in, and signs who they are. The header alone proves nothing: whoever reaches the
 * server by another way could set it, so the signature, the audience and the expiry are verified each time. A browser
 * brings the proxy's cookie by itself, so requests that other sites make it send have to be refused here.
 */
const iap = ({ iapUser }: AuthParts): AuthStrategy => ({
  ambient: true,
  identify: async (headers) => {
    const assertion = headers.get(ASSERTION);
    const userId = assertion === null || iapUser === undefined ? null : await iapUser(assertion);
    if (userId !== null) return userId;
    throw new HttpError('unauthenticated', 'The request does not come through Identity-Aware Proxy.', {
      hint: 'Use the address behind the proxy. SLIPWAY_IAP_AUDIENCE has to be the audience of its backend.',
    });
  },
});

/** The strategy of each mode. */
export const AUTH_STRATEGIES: { readonly [Mode in AuthMode]: (parts: AuthParts) => AuthStrategy } = {
  none,
  'api-key': apiKey,
  iap,
};
