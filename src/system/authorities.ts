/** Certificate authorities that vouch for servers besides the public ones: those of a company's own network. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { DomainError } from '../core/errors.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

const unusable = (what: string, cause?: unknown): DomainError =>
  new DomainError('invalid_request', `The file of SLIPWAY_CA_FILE ${what}.`, {
    hint: 'Give SLIPWAY_CA_FILE the path of a file with certificates in PEM form, which begin with "-----BEGIN CERTIFICATE-----".',
    ...(cause === undefined ? {} : { cause }),
  });

/** A certificate, and what people know it by. */
export interface Authority {
  /** In PEM form. */
  readonly certificate: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The certificates of a file in PEM form, text between them left out; `invalid_request` when it has none. */
export const readAuthorities = (path: string): readonly Authority[] => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw unusable(`cannot be read: ${path} (${code})`, error);
  }
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) throw unusable(`has no certificate in PEM form: ${path}`);
  return found.map((certificate, index) => {
    try {
      const { subject, validTo } = new X509Certificate(certificate);
      return { certificate, subject: subject.replaceAll('\n', ', '), expiresAt: Date.parse(validTo) };
    } catch (error) {
      throw unusable(`has a broken certificate, number ${index + 1}: ${path}`, error);
    }
  });
};

/** These and the public ones, in PEM form, each once. Who has a list of their own trusts nobody else. */
const withPublic = (certificates: readonly string[]): readonly string[] => [
  ...new Set(
    [...certificates, ...getCACertificates('default'), ...getCACertificates('system')].map((one) => one.trim()),
  ),
];

/** What who has a list of their own is to trust; empty when nobody is to be trusted besides, and their own list does. */
export const authoritiesOf = (path: string | null): readonly string[] =>
  path === null ? [] : withPublic(readAuthorities(path).map(({ certificate }) => certificate));
