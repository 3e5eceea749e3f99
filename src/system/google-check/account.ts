/** Whom this process is to Google. */
import { GoogleAuth, Impersonated } from 'google-auth-library';

export interface Credentials {
  /** An access token; throws when there are no credentials. */
  token(): Promise<string>;
  /** E-mail of the account; null when it is a person's, or there is none. */
  account(): Promise<string | null>;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** Looking for credentials asks a server that is not there on most machines. */
const LONGEST_MS = 15_000;

const within = async <Result>(work: Promise<Result>): Promise<Result> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no credentials within ${LONGEST_MS / 1_000} s`)), LONGEST_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};

/** Google's application default credentials: of a person, of the machine, or of an account acted as. */
export const createCredentials = (): Credentials => {
  const auth = new GoogleAuth({ scopes: [SCOPE] });
  return {
    token: async () => {
      const token = await within(auth.getAccessToken());
      if (typeof token !== 'string') throw new Error('no credentials: there was no access token');
      return token;
    },
    account: async () => {
      try {
        const client = await within(auth.getClient());
        if (client instanceof Impersonated) return client.getTargetPrincipal();
        return (await within(auth.getCredentials())).client_email ?? null;
      } catch {
        return null;
      }
    },
  };
};
