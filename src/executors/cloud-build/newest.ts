/** At most one execution of a run may be alive. */
import { DomainError } from '../../core/errors.ts';
import type { Job } from '../../ports/executor.ts';
import { JOBS, type Place, refOf } from './names.ts';
import type { Google } from './transport.ts';

/** Refuses an attempt of a run that has a place of a later one. */
export const requireNewest = async (
  google: Pick<Google, 'list'>,
  place: Place,
  { runId, attempt }: Pick<Job, 'runId' | 'attempt'>,
): Promise<void> => {
  for await (const name of google.list(`${JOBS}${runId}/`)) {
    const other = Number(refOf(name)?.split('/')[1] ?? 0);
    if (other <= attempt) continue;
    throw new DomainError('conflict', `Attempt ${attempt} of run ${runId} comes after attempt ${other}.`, {
      hint: `Nothing was executed in ${place.ref}: another process goes on with the run.`,
    });
  }
};
