/** What Firestore's errors mean to the rest of the program. */
import { DomainError } from '../../core/errors.ts';

// gRPC status codes, https://grpc.io/docs/guides/status-codes/
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

interface Meaning {
  readonly message: string;
  readonly hint: string;
  readonly retryAfterSeconds?: number;
}

const UNSURE =
  'What was committed before is kept; whether this request was written is not known, so look before you repeat it.';
const ROLE =
  'Give the account that this process runs as the role roles/datastore.user on the project, and wait a minute for it to hold.';

const MEANINGS: Readonly<Record<number, Meaning>> = {
  [DEADLINE_EXCEEDED]: {
    message: 'Firestore did not answer in time.',
    hint: `${UNSURE} Check the network of this process, and FIRESTORE_EMULATOR_HOST if you use the emulator.`,
    retryAfterSeconds: 5,
  },
  [NOT_FOUND]: {
    message: 'There is no such Firestore database.',
    hint: 'Make one in Native mode: gcloud firestore databases create --location=<region> --project=<project>. Check GOOGLE_CLOUD_PROJECT and SLIPWAY_FIRESTORE_DATABASE.',
  },
  [PERMISSION_DENIED]: { message: 'Firestore refuses this process.', hint: ROLE },
  [RESOURCE_EXHAUSTED]: {
    message: 'A Firestore quota is used up.',
    hint: `${UNSURE} Look at the quotas page of the project.`,
    retryAfterSeconds: 30,
  },
  [FAILED_PRECONDITION]: {
    message: 'Firestore cannot answer a query: an index is missing or still being built.',
    hint: 'Deploy deploy/firestore/indexes.json (docs/FIRESTORE.md says how) and wait until its indexes are ready.',
  },
  [UNAVAILABLE]: {
    message: 'Firestore cannot be reached.',
    hint: `${UNSURE} Check the network, and FIRESTORE_EMULATOR_HOST if you use the emulator.`,
    retryAfterSeconds: 5,
  },
  [UNAUTHENTICATED]: {
    message: 'Firestore does not accept the credentials of this process.',
    hint: 'Run gcloud auth application-default login, or give the service its service account.',
  },
};

/** A commit whose conditions did not hold: nothing was written; read again and decide anew. */
export class ConflictError extends Error {
  constructor(cause: unknown) {
    super('The commit met another one.', { cause });
    this.name = 'ConflictError';
  }
}

const codeOf = (error: unknown): number | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : null;

/** Whether a commit was refused for what another one has written. */
export const isConflict = (error: unknown): boolean => {
  const code = codeOf(error);
  if (code === NOT_FOUND) return !(error instanceof Error && /database\b.*\bdoes not exist/i.test(error.message));
  return code === ALREADY_EXISTS || code === FAILED_PRECONDITION || code === ABORTED;
};

/** The error that callers may see for anything that was thrown while `target` was worked on. */
export const asDomainError = (error: unknown, target: string): unknown => {
  if (error instanceof DomainError || error instanceof ConflictError || !(error instanceof Error)) return error;
  const code = codeOf(error);
  if (code === null) {
    if (!/credentials|could not refresh access token/i.test(error.message)) return error;
    return new DomainError('store_unavailable', `There are no Google credentials. (${target})`, {
      hint: 'Run gcloud auth application-default login, or give the service its service account.',
      cause: error,
    });
  }
  const meaning = MEANINGS[code];
  if (meaning === undefined) {
    const what = code === INVALID_ARGUMENT ? 'refused a request' : 'failed';
    return new DomainError('internal', `Firestore ${what}. (${target})`, { cause: error });
  }
  const { message, ...rest } = meaning;
  return new DomainError('store_unavailable', `${message} (${target})`, { ...rest, cause: error });
};
