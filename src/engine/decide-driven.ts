import type { RunId } from '../core/ids.ts';
import type { MeterReading } from '../core/pricing.ts';
import type { Run } from '../core/run.ts';
import { andThen, type Decision, recordUsage, unchanged } from '../core/transitions.ts';
import type { Drive } from './deps.ts';

/** Commits a decision of who drives a run, and with it the meter readings that were held for such a commit. */
export const decideDriven = async (drive: Drive, id: RunId, decide: (run: Run) => Decision): Promise<Run> => {
  const readings: readonly MeterReading[] = drive.held?.take(id) ?? [];
  const now = drive.clock.now();
  const metered = (run: Run): Decision =>
    readings.reduce((sofar, reading) => andThen(sofar, (next) => recordUsage(next, reading, now)), unchanged(run));
  try {
    return await drive.stores.runs.update(id, (run) => andThen(metered(run), decide));
  } catch (error) {
    drive.held?.giveBack(id, readings);
    throw error;
  }
};

/** Commits what is still held once this process drives the run no more. A reading is the gateway's: no lease is needed. */
export const decideHeld = async (drive: Drive, id: RunId): Promise<void> => {
  drive.held?.end(id);
  const readings = drive.held?.take(id) ?? [];
  if (readings.length === 0) return;
  drive.held?.giveBack(id, readings);
  try {
    await decideDriven(drive, id, unchanged);
  } catch (error) {
    drive.held?.take(id);
    drive.logger.error({ err: error, runId: id, readings }, 'meter readings could not be recorded');
  }
};
