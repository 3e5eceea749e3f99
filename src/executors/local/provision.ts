/** What a place has besides the system: the hooks through which an executor is given packages and a repository. */
import type { Job, StartWatch } from '../../ports/executor.ts';
import type { Furnishing } from './translate.ts';

/** A workspace that was fetched. */
export interface Fetched {
  /** Directory on the host, on the file system of the places, to be moved away. */
  readonly workspace: string;
  /** Lets others fetch the same, and removes what is left. */
  done(): Promise<void>;
}

export interface Provision {
  /** Has what the job needs installed; repeatable, and cheap once it is. */
  furnish(job: Job, watch: StartWatch | null): Promise<Furnishing>;
  /**
   * Fetches the job's repository; null when it has none, or when its place is `staged` already, asked again once this
   * process is the only one that fetches it.
   */
  fetch(job: Job, watch: StartWatch | null, staged: () => boolean): Promise<Fetched | null>;
}
