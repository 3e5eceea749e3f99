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

/** Header that shows the key, for the few requests that the client does not make. */
export const keyHeader = (): Record<string, string> => {
  const key = readKey();
  return key === null ? {} : { authorization: `Bearer ${key}` };
};

export const isUnreachable = (error: unknown): boolean => error instanceof UnreachableError;
export const isUnauthenticated = (error: unknown): boolean => error instanceof ProblemError && error.status === 401;
export const isMissing = (error: unknown): boolean => error instanceof ProblemError && error.status === 404;

/** What an error says to a person: what happened, and what to do. */
export const messageOf = (error: unknown): string => {
  if (error instanceof ProblemError) return error.hint === null ? error.message : `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
};
