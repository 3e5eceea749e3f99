/** What a request carries through the server. */
import type { Context } from 'hono';
import type { UserId } from '../core/ids.ts';

export interface HttpEnv {
  /** Node's response, as the adapter hands it over; missing where the app is called without a socket. */
  Bindings: { readonly outgoing?: { destroy(): unknown } };
  Variables: {
    requestId: string;
    /** Pattern of the route, for the log; unset when none matched. */
    route: string;
    /** Unset until the caller is known. */
    userId: UserId;
  };
}

export type HttpContext = Context<HttpEnv>;

/** Breaks the connection off, so that a cut answer is not taken for a whole one; false where there is no socket. */
export const breakOff = (c: HttpContext): boolean => {
  const outgoing = c.env?.outgoing;
  outgoing?.destroy();
  return outgoing !== undefined;
};
