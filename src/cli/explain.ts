/** What went wrong, for people: no stack for what they can mend themselves. */
import { ProblemError, UnreachableError } from '../client/http.ts';
import { DomainError } from '../core/errors.ts';
import { EXIT } from './exit-codes.ts';
import { complain, safe } from './print.ts';

/** The command was given in a way that cannot be carried out. */
export class UsageError extends Error {
  readonly hint: string | null;
  constructor(message: string, hint: string | null = null) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

interface Explained {
  readonly lines: readonly string[];
  readonly code: number;
}

const BAD_REQUEST = 400;
const UNAUTHENTICATED = 401;

const hintOf = (error: ProblemError): string | null =>
  error.status === UNAUTHENTICATED
    ? 'Give a key by SLIPWAY_API_KEY or --key; `slipway keys create` makes one on the machine of the server.'
    : error.hint;

/** Why the server cannot listen where it was told to; null for any other error. */
const explainListening = (error: unknown): string | null => {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen' || !('code' in error))
    return null;
  const where = 'port' in error ? `port ${String(error.port)}` : 'the address';
  switch (error.code) {
    case 'EADDRINUSE':
      return `Another program listens on ${where} already. Set PORT to another one; 0 takes a free one.`;
    case 'EACCES':
      return `This user may not listen on ${where}. Set PORT to one above 1023.`;
    case 'EADDRNOTAVAIL':
      return 'This machine does not have the address that HOST names. Set HOST to one that it has.';
    default:
      return null;
  }
};

const explain = (error: unknown): Explained => {
  if (error instanceof UsageError) {
    return { lines: error.hint === null ? [error.message] : [error.message, error.hint], code: EXIT.usage };
  }
  if (error instanceof ProblemError) {
    // One fault alone is the sentence itself.
    const several = error.faults.length > 1 ? error.faults : [];
    const faults = several.map(({ pointer, message }) => `  ${pointer || 'body'}: ${message}`);
    const hint = hintOf(error);
    const code = error.status === BAD_REQUEST ? EXIT.usage : EXIT.failed;
    return { lines: [error.message, ...faults, ...(hint === null ? [] : [hint])], code };
  }
  if (error instanceof UnreachableError) {
    const hint = 'Start one with `slipway serve`, or name another with --url or SLIPWAY_URL.';
    return { lines: [error.message, hint], code: EXIT.unreachable };
  }
  if (error instanceof DomainError) {
    const code = error.code === 'invalid_request' ? EXIT.usage : EXIT.failed;
    return { lines: error.hint === undefined ? [error.message] : [error.message, error.hint], code };
  }
  const listening = explainListening(error);
  if (listening !== null) return { lines: [listening], code: EXIT.usage };
  // By its name, so that this file needs nothing of the settings.
  if (error instanceof Error && error.name === 'ConfigError') return { lines: [error.message], code: EXIT.usage };
  return { lines: [error instanceof Error ? (error.stack ?? error.message) : String(error)], code: EXIT.failed };
};

/** Says on standard error what went wrong, and gives the exit status for it. */
export const complainOf = (error: unknown): number => {
  const { lines, code } = explain(error);
  for (const line of lines) complain(safe(line));
  return code;
};
