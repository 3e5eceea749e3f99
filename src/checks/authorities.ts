/** The operator's own certificate authorities, read as the server would read them. */

import { isDomainError } from '../core/errors.ts';
import type { Instant } from '../core/ids.ts';
import type { Finding } from '../ports/executor.ts';

const part = 'certificate authorities';

/**
 * @param path as SLIPWAY_CA_FILE gives it
 * @param read what gives the certificates of a file, or throws a `DomainError`
 */
export const checkAuthorities = (
  path: string,
  read: (path: string) => readonly { readonly subject: string; readonly expiresAt: Instant }[],
  now: Instant,
): Finding => {
  const mend = `openssl x509 -in ${path} -noout -subject -dates   # or set SLIPWAY_CA_FILE to another file`;
  try {
    const found = read(path);
    const detail = `${found.map(({ subject }) => subject).join('; ')} (${path})`;
    const expired = found.filter(({ expiresAt }) => expiresAt <= now);
    if (expired.length === 0) return { part, status: 'ok', detail, mend: null };
    const names = expired.map(({ subject }) => subject).join('; ');
    return { part, status: 'degraded', detail: `expired: ${names} (${path})`, mend };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { part, status: 'missing', detail: error.message, mend };
  }
};
