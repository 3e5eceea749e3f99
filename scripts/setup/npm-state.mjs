/** What npm has installed, and what its complaints mean. Pure functions. */

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockEntry */
/** @typedef {{ packages?: Record<string, LockEntry> }} LockFile */

/**
 * Whether node_modules holds what the lock file says. npm writes the second file, node_modules/.package-lock.json, as
 * the last act of an installation, so after one that was cut short this says no. Optional packages of other platforms
 * may be absent.
 * @param {LockFile} lock
 * @param {LockFile} installed
 */
export const isInstalled = (lock, installed) =>
  Object.entries(lock.packages ?? {}).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed.packages?.[path];
    if (found === undefined) return wanted.optional === true || wanted.devOptional === true;
    const sameBytes = !wanted.integrity || !found.integrity || found.integrity === wanted.integrity;
    return found.version === wanted.version && sameBytes;
  });

/** True when npm refuses because the lock file does not name a package that it wants to consider. */
export const isLockIncomplete = (/** @type {string} */ output) => /\bEUSAGE\b/.test(output) && /in sync/.test(output);

const MEANINGS = /** @type {const} */ ([
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/,
    'The package registry did not answer. Check the connection (behind a proxy: `npm config set proxy URL`), then run this again.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/,
    'The registry’s certificate is not trusted here. Behind a company proxy: `npm config set cafile PATH`.',
  ],
  [/ENOSPC/, 'The disk is full. Free about 1 GB, then run this again.'],
  [/EACCES|EPERM|EROFS/, 'npm may not write here. Check who owns this folder and `npm config get cache`.'],
  [/E401|E403/, 'The package registry refuses access. Check `npm config get registry` and your login there.'],
  [/E404|ETARGET/, 'The package registry does not have a package that is needed. Check `npm config get registry`.'],
  [/EUSAGE/, 'package.json and package-lock.json do not fit each other. Run `npm install`, and commit both.'],
]);

/**
 * What npm's error output means and what to do, in one line.
 * @param {string} output
 */
export const explainNpm = (output) =>
  MEANINGS.find(([pattern]) => pattern.test(output))?.[1] ?? 'Run `npm ci` by hand to see everything that npm says.';

/** Stack frames, the fields of an error object, and where the whole log is. */
const NOISE = /^npm error(?: +at .*| {2,}\w+: .*| \}| A complete log of this run .*)$/;

/**
 * The lines of npm's error output that carry the fault.
 * @param {string} output
 * @returns {string[]}
 */
export const faultLines = (output) =>
  output
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => /^npm error ./.test(line) && !NOISE.test(line))
    .slice(0, 6);
