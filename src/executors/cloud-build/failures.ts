/** What Google's answers mean, and which role would have let a call through. */
import { DomainError } from '../../core/errors.ts';
import { isPassingStatus } from '../../core/repeating.ts';

/** HTTP status of a failed call; null when there was no answer. */
export const statusOf = (error: unknown): number | null => {
  if (typeof error !== 'object' || error === null) return null;
  const status = 'status' in error ? Number(error.status) : Number.NaN;
  if (Number.isInteger(status) && status >= 100) return status;
  const code = 'code' in error ? Number(error.code) : Number.NaN;
  return Number.isInteger(code) && code >= 100 ? code : null;
};

/** Whether the same call may succeed later. No answer at all is one of these. */
export const isPassing = (error: unknown): boolean => {
  const status = statusOf(error);
  return status === null || isPassingStatus(status);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);

/** What was tried, and the role that allows it. */
export interface Need {
  readonly what: string;
  readonly role: string;
  readonly on: string;
}

/** A call that will not succeed by being repeated, for whoever runs the server. */
export const explain = (error: unknown, need: Need, account: string): DomainError => {
  const status = statusOf(error);
  if (status === 401 || status === 403) {
    return new DomainError('place_failed', `Google Cloud refused to ${need.what}: ${messageOf(error)}`, {
      hint: `Grant ${need.role} on ${need.on} to ${account}. Nothing was executed.`,
      cause: error,
    });
  }
  if (status === 404) {
    return new DomainError('place_failed', `Google Cloud does not know ${need.on}: ${messageOf(error)}`, {
      hint: 'Check GOOGLE_CLOUD_PROJECT, SLIPWAY_REGION and SLIPWAY_BUCKET, and that the APIs are enabled.',
      cause: error,
    });
  }
  if (isPassing(error)) {
    return new DomainError('place_unavailable', `Google Cloud could not ${need.what}: ${messageOf(error)}`, {
      hint: status === 429 ? 'A quota is used up: it is tried again. Raise it if this lasts.' : 'It is tried again.',
      cause: error,
    });
  }
  return new DomainError('place_failed', `Google Cloud would not ${need.what}: ${messageOf(error)}`, {
    hint: 'Nothing was executed. The message says what was wrong with the request.',
    cause: error,
  });
};
