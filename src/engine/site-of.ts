/** Which of a server's sites a run belongs to: its record names an executor, and it executes there or not at all. */
import type { Run } from '../core/run.ts';
import type { Drive, Site } from './deps.ts';

/** The drive with the run's own executor and way to the model; null when this server has no such executor. */
export const siteOf = (drive: Drive, run: Pick<Run, 'executor'>): Drive | null => {
  const sites: readonly Site[] = drive.beside === null ? [drive] : [drive, drive.beside];
  const own = sites.find(({ executor }) => executor.name === run.executor);
  return own === undefined ? null : { ...drive, executor: own.executor, gateway: own.gateway };
};
