/** Tries again, with growing and jittered waits, what Cloud Storage may do later. */
import { DomainError } from '../../core/errors.ts';
import { isPassingStatus, MOST_TRIES, nextTryMs } from '../../core/repeating.ts';
import type { Clock, Random } from '../../ports/clock.ts';

interface RepeatOptions {
  readonly bucket: string;
  readonly account: () => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
}

/** An upload of which a part was kept. */
const PARTLY = 308;

/** An answer that is not the wanted one. */
export class StorageStatus extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`Cloud Storage answered ${status}.`);
    this.status = status;
  }
}

export const statusOf = (status: number): StorageStatus => new StorageStatus(status);

/** HTTP status of a failed call of the official client, or of ours; null when there was no answer. */
const numberOf = (error: unknown): number | null => {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  const status = Number(error.status);
  return Number.isInteger(status) ? status : null;
};

export const isMissing = (error: unknown): boolean => numberOf(error) === 404;

const explain = async (error: unknown, { bucket, account }: RepeatOptions): Promise<unknown> => {
  const status = numberOf(error);
  if (status === null) return error;
  if (status !== 401 && status !== 403 && status !== 404) return error;
  return new DomainError('store_unavailable', `Cloud Storage refused access to bucket ${bucket} (HTTP ${status}).`, {
    hint: `Check SLIPWAY_BUCKET, and grant roles/storage.objectUser on it to ${await account()}.`,
    cause: error,
  });
};

/** What no repetition changes is thrown at once. */
export const createRepeat =
  (options: RepeatOptions) =>
  async <Result>(act: () => Promise<Result>): Promise<Result> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await act();
      } catch (error) {
        const status = numberOf(error);
        const passing = isNetwork(error) || (status !== null && (status === PARTLY || isPassingStatus(status)));
        if (isMissing(error)) throw error;
        if (!passing || tries === MOST_TRIES) throw await explain(error, options);
        await options.clock.sleep(nextTryMs(tries, options.random.float()));
      }
    }
  };

const isNetwork = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'GaxiosError' || error.name === 'FetchError') && numberOf(error) === null;
