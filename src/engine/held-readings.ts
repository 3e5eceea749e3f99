/**
 * Meter readings that wait for the next commit about their run, where each commit is paid for. Whoever dies holding some
 * loses them: so a run that has a budget holds none, and the others hold them no longer than events wait.
 */
import type { RunId } from '../core/ids.ts';
import type { MeterReading } from '../core/pricing.ts';

export interface HeldReadings {
  /** From now on this process drives the run, and commits for it. */
  begin(id: RunId): void;
  /** It does so no more: what it holds has to be taken, and nothing is held any longer. */
  end(id: RunId): void;
  /** False when nobody here drives the run. */
  add(id: RunId, reading: MeterReading): boolean;
  /** Those of a run, for a commit that takes them in; held no longer. */
  take(id: RunId): readonly MeterReading[];
  /** The commit was not made. */
  giveBack(id: RunId, readings: readonly MeterReading[]): void;
}

export const createHeldReadings = (): HeldReadings => {
  const held = new Map<RunId, readonly MeterReading[]>();
  const driven = new Set<RunId>();
  const of = (id: RunId): readonly MeterReading[] => held.get(id) ?? [];
  return {
    begin: (id) => void driven.add(id),
    end: (id) => void driven.delete(id),
    add: (id, reading) => {
      if (!driven.has(id)) return false;
      held.set(id, [...of(id), reading]);
      return true;
    },
    take: (id) => {
      const readings = of(id);
      held.delete(id);
      return readings;
    },
    giveBack: (id, readings) => {
      if (readings.length > 0) held.set(id, [...readings, ...of(id)]);
    },
  };
};
