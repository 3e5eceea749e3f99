/** Which of a server's sites a run belongs to: its record names an executor, and it executes there or not at all. */
import type { Run } from '../core/run.ts';
import type { Drive, Site } from './deps.ts';

/** The drive with the run's own executor and way to the model; null when this server has no such executor. */
export const siteOf = (drive: Drive, run: Pick<Run, 'executor'>): Drive | null => {
  const sites: readonly (Site | null | undefined)[] = [drive, drive.beside];
  const own = sites.find((site) => site?.executor.name === run.executor);
  if (own === null || own === undefined) return null;
  return { ...drive, executor: own.executor, gateway: own.gateway };
};
