/** What each status of a build means. Pure. */
import { DomainError } from '../../core/errors.ts';

export const BUILD_STATUSES = [
  'PENDING',
  'QUEUED',
  'WORKING',
  'SUCCESS',
  'FAILURE',
  'INTERNAL_ERROR',
  'TIMEOUT',
  'CANCELLED',
  'EXPIRED',
] as const;
/** `VANISHED` is ours: Cloud Build does not know the build any more. */
export type BuildStatus = (typeof BUILD_STATUSES)[number] | 'VANISHED';

/** Decoder; a status that this version does not know is taken for one that goes on. */
export const buildStatus = (text: string | null | undefined): BuildStatus =>
  BUILD_STATUSES.find((status) => status === text) ?? 'WORKING';

export const isFinal = (status: BuildStatus): boolean => !['PENDING', 'QUEUED', 'WORKING'].includes(status);

/** Why a build ended before its program was started: what happened, and what to do. */
export const explainEarlyEnd = (status: BuildStatus, id: string, detail: string | null): DomainError => {
  const more = detail === null ? '' : ` (${detail})`;
  const at = `build ${id}`;
  switch (status) {
    case 'EXPIRED':
      return new DomainError('place_unavailable', `No machine became free for ${at} in time.`, {
        hint: 'Nothing was executed. Raise the quota of concurrent builds of the region, or run fewer at once.',
      });
    case 'CANCELLED':
      return new DomainError('place_failed', `Somebody cancelled ${at} before it began.`, {
        hint: 'Nothing was executed. Start the run again if that was not meant.',
      });
    case 'TIMEOUT':
      return new DomainError('place_failed', `${at} reached its time limit before its program was started.`, {
        hint: 'Nothing was executed. Use a runner image that has the program, or a smaller one.',
      });
    case 'FAILURE':
    case 'SUCCESS':
      return new DomainError('place_failed', `${at} ended before its program was started${more}.`, {
        hint: `Nothing was executed. Its log says why: gcloud builds log ${id}. The image needs Node.js 24 and setpriv; the runner account must read and create objects in the bucket.`,
      });
    default:
      return new DomainError('place_unavailable', `Cloud Build lost ${at} before its program was started${more}.`, {
        hint: 'Nothing was executed. It is tried again.',
      });
  }
};
