/** Writes down what an answer cost, once, before its end is passed on. */
import { costOf, type MeterReading } from '../core/pricing.ts';
import type { Run } from '../core/run.ts';
import type { Flight, GatewayParts, Lane } from './lane.ts';
import type { Meter } from './meter.ts';
import type { Redaction } from './redact.ts';
import { REFUSALS, RefusedError } from './refusal.ts';
import { type Counts, growthOf, isNothing, NO_COUNTS, sumOf } from './usage.ts';

/**
 * Returns a function that records what the meter shows beyond what was recorded; resolves when it is durable. When
 * the run has to end by it, its other requests are cut; this one has been paid for and goes on.
 */
export const createRecorder = (
  parts: GatewayParts,
  lane: Lane,
  flight: Flight,
  meter: Meter,
): (() => Promise<void>) => {
  const recorded = new Map<string, Counts>();
  return async () => {
    for (const reading of meter.readings()) {
      const before = recorded.get(reading.model) ?? NO_COUNTS;
      const growth = growthOf(before, reading);
      if (isNothing(growth)) continue;
      recorded.set(reading.model, sumOf(before, growth));
      await record(parts, lane, flight, safely({ ...reading, ...growth }, parts.redaction));
    }
  };
};

const safely = (reading: MeterReading, redaction: Redaction): MeterReading => ({
  ...reading,
  model: redaction.text(reading.model),
});

const record = async (parts: GatewayParts, lane: Lane, flight: Flight, reading: MeterReading): Promise<void> => {
  let run: Run;
  try {
    run = await parts.witness.metered(lane.runId, reading);
  } catch (error) {
    // Not tried again: the record may have been written although its answer was lost, and would then count twice.
    lane.logger.error({ err: error, reading, costUsd: costOf(reading) }, 'a meter reading could not be recorded');
    throw new RefusedError(REFUSALS.notRecorded());
  } finally {
    // Counted against the budget in either case.
    flight.charge.recorded(reading);
  }
  if (run.stop !== null) lane.cutAll(REFUSALS.ending(run.stop), flight);
};
