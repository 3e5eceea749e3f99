/** The API client of this page, and the key that it shows where the server asks for one. */
import { createClient, type SlipwayClient } from '../../../src/client/client.ts';
import { ProblemError, UnreachableError } from '../../../src/client/http.ts';

const KEY = 'slipway.key';

const readKey = (): string | null => {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
};

let current: SlipwayClient = createClient({ url: location.origin, key: readKey() });

export const api = (): SlipwayClient => current;

/** The same, for what may be said while the page is being left. */
export const lastingApi = (): SlipwayClient => createClient({ url: location.origin, key: readKey(), keepalive: true });

/** Takes another key, for this browser session; null forgets it. */
export const signIn = (key: string | null): void => {
  try {
    if (key === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, key);
  } catch {
    // Without storage the key is forgotten with the page.
  }
  current = createClient({ url: location.origin, key });
};

/** Whether it is this page's own key, as far as the characters that the server shows of it tell. */
export const isKeyInUse = (prefix: string): boolean => readKey()?.startsWith(prefix) === true;

export const isUnreachable = (error: unknown): boolean => error instanceof UnreachableError;
export const isUnauthenticated = (error: unknown): boolean => error instanceof ProblemError && error.status === 401;
export const isMissing = (error: unknown): boolean => error instanceof ProblemError && error.status === 404;
