/** How a preparation went: told by objects, since the server is elsewhere. */
import type { FailureFile } from './job-file.ts';

/** One step that was done: each kind of packages, then the repository. The object `prepared` lists them. */
export interface Prepared {
  readonly durationMs: number;
}

/** The program will never start, for a reason that its user has to know. */
export class PreparationError extends Error {
  readonly failure: FailureFile;
  constructor(failure: FailureFile) {
    super(failure.message);
    this.name = 'PreparationError';
    this.failure = failure;
  }
}
