import { describe, expect, it } from 'vitest';
import { explainNpm, faultLines, isInstalled, isLockIncomplete } from '../../scripts/setup/npm-state.mjs';

const LOCK = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a-darwin': { version: '1.0.0', optional: true },
  },
};

describe('whether node_modules holds what the lock file says', () => {
  it('does when every package is there, optional ones of other platforms apart', () => {
    expect(isInstalled(LOCK, { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } })).toBe(
      true,
    );
  });

  it.each([
    ['nothing is installed', {}],
    ['a package is missing', { packages: {} }],
    ['a version differs', { packages: { 'node_modules/a': { version: '1.0.1' } } }],
    ['the bytes differ', { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } } }],
    [
      'an optional package is there in another version',
      {
        packages: {
          'node_modules/a': { version: '1.0.0' },
          'node_modules/a-darwin': { version: '0.9.0' },
        },
      },
    ],
  ])('does not when %s', (_, installed) => {
    expect(isInstalled(LOCK, installed)).toBe(false);
  });
});

describe('what npm complains of', () => {
  it.each([
    ['npm error code ECONNREFUSED', 'did not answer'],
    ['npm error code EAI_AGAIN', 'did not answer'],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'cafile'],
    ['npm error code ENOSPC', 'disk is full'],
    ['npm error code EACCES', 'may not write'],
    ['npm error code E401', 'refuses access'],
    ['npm error code E404', 'does not have a package'],
    ['npm error code EUSAGE', 'do not fit each other'],
    ['npm error code ELIFECYCLE', 'by hand'],
  ])('%s is explained', (output, words) => {
    expect(explainNpm(output)).toContain(words);
  });

  it('is the lock file only when npm says so', () => {
    expect(isLockIncomplete('npm error code EUSAGE\nnpm error can only install packages when … are in sync')).toBe(
      true,
    );
    expect(isLockIncomplete('npm error code EUSAGE\nnpm error unknown command')).toBe(false);
    expect(isLockIncomplete('npm error code E404')).toBe(false);
  });

  it('is cut to the lines that carry the fault', () => {
    const output = [
      'npm warn EBADENGINE Unsupported engine {',
      'npm error code ECONNREFUSED',
      'npm error FetchError: request failed',
      'npm error     at ClientRequest.<anonymous> (index.js:130:14)',
      "npm error   code: 'ECONNREFUSED',",
      'npm error',
      'npm error A complete log of this run can be found in: /root/x.log',
    ].join('\n');
    expect(faultLines(output)).toEqual(['npm error code ECONNREFUSED', 'npm error FetchError: request failed']);
  });
});
