/**
 * Where a browser is let in without a secret, any web page could make it ask in its user's name. Two things tell such
 * requests apart: a page that had its own name point to this machine (DNS rebinding) sends that name as Host, and a page
 * of another site sends its own Origin.
 */
import { HttpError } from '../api/errors.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const LOOPBACK = /^(localhost|([a-z0-9-]+\.)+localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const hostOf = (address: string): string | null => (URL.canParse(address) ? new URL(address).host : null);
const nameOf = (address: string): string => (URL.canParse(address) ? new URL(address).hostname : '');

/** Throws `forbidden` when a request of a browser cannot come from a page of ours. */
export const guardBrowser = (request: Request, publicUrl: string | null): void => {
  // Without a Host header (a call without a socket) the address itself names the host.
  const own = `http://${request.headers.get('host') ?? hostOf(request.url)}`;
  const name = nameOf(own);
  const publicHost = publicUrl === null ? null : hostOf(publicUrl);
  if (!LOOPBACK.test(name) && (publicUrl === null || name !== nameOf(publicUrl))) {
    throw new HttpError('forbidden', 'The server does not answer under this host name.', {
      hint: 'Use http://127.0.0.1 or http://localhost, or set SLIPWAY_PUBLIC_URL to the address that you use.',
    });
  }
  if (SAFE_METHODS.includes(request.method)) return;
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  const from = origin === null ? null : hostOf(origin);
  const ours = origin === null || (from !== null && (from === hostOf(own) || from === publicHost));
  if (ours && (site === null || site === 'same-origin' || site === 'none')) return;
  throw new HttpError('forbidden', 'The request comes from a page of another site.', {
    hint: 'Call the API from a program, or from a page under the same address.',
  });
};
