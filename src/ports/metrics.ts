/** What is counted while runs are driven. */
import type { Run } from '../core/run.ts';

export interface Metrics {
  /** A run has ended, in whatever way. */
  finished(run: Run): void;
}
