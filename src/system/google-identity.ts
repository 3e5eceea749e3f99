/** Verifies Google's signed tokens: of its services that call us, and of Identity-Aware Proxy. */
import { OAuth2Client } from 'google-auth-library';
import type { UserId } from '../core/ids.ts';
import type { IdentityVerifier } from '../ports/identity.ts';

/** Public keys by their id, as PEM. */
export type Certificates = Readonly<Record<string, string>>;

type Keys = Parameters<OAuth2Client['verifySignedJwtWithCertsAsync']>[1];

export interface GoogleIdentityOptions {
  /** What identity tokens must be meant for; null = none is accepted. */
  readonly audience: string | null;
  /** E-mail of the account that may call; null = none. */
  readonly invoker: string | null;
  /** What assertions of Identity-Aware Proxy must be meant for; null = none is accepted. */
  readonly iapAudience: string | null;
  /** Keys to use instead of Google's own, which are fetched and kept for as long as they are good. */
  readonly certificates?: Certificates;
}

const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];
const IAP_ISSUERS = ['https://cloud.google.com/iap'];
const USER_ID = /^[A-Za-z0-9][A-Za-z0-9._@+:|-]{0,127}$/;

export const createGoogleIdentity = (options: GoogleIdentityOptions): IdentityVerifier => {
  const client = new OAuth2Client();
  const given = options.certificates === undefined ? null : { ...options.certificates };
  const googleKeys = async (): Promise<Keys> => given ?? (await client.getFederatedSignonCertsAsync()).certs;
  const iapKeys = async (): Promise<Keys> => given ?? (await client.getIapPublicKeys()).pubkeys;

  const verify = async (token: string, keys: () => Promise<Keys>, audience: string | null, issuers: string[]) => {
    if (audience === null) return null;
    // Before anything is parsed: keys that cannot be fetched are a failure of ours, and no word about the token.
    const certificates = await keys();
    try {
      return (await client.verifySignedJwtWithCertsAsync(token, certificates, audience, issuers)).getPayload() ?? null;
    } catch {
      return null;
    }
  };

  return {
    isInvoker: async (token) => {
      const payload = await verify(token, googleKeys, options.audience, ISSUERS);
      return (
        payload !== null &&
        options.invoker !== null &&
        payload.email === options.invoker &&
        payload.email_verified === true
      );
    },
    iapUser: async (assertion) => {
      const payload = await verify(assertion, iapKeys, options.iapAudience, IAP_ISSUERS);
      return payload?.email !== undefined && isUserId(payload.email) ? payload.email : null;
    },
  };
};

const isUserId = (text: string): text is UserId => USER_ID.test(text);
