/**
 * What a run has spent: what was metered, and what its requests in flight have cost up to now. The gateway is the only
 * one who meters a run, so after `opened` it adds up by itself; reading the record again could count a request twice
 * while its reading is being written.
 */
import { costOf, type MeterReading } from '../core/pricing.ts';
import type { CostUsd } from '../core/usage.ts';

export interface Charge {
  /** The request may cost so much; counts for `committed` until its reading is recorded, or it is over. */
  reserve(costUsd: number): void;
  /** The request has cost this much so far. */
  soFar(readings: readonly MeterReading[]): void;
  /** A reading of the request was recorded. */
  recorded(reading: MeterReading): void;
  /** The request is over. */
  close(): void;
}

export interface Ledger {
  /** US dollars; null when a part of it has no known price. */
  spent(): CostUsd;
  /** What was spent, with all that requests under way may still cost; null when a part has no known price. */
  committed(): CostUsd;
  /** Whether a request is under way that has reserved something. */
  anyReserved(): boolean;
  open(): Charge;
}

const total = (readings: readonly MeterReading[]): CostUsd => {
  const costs = readings.map(costOf);
  return costs.includes(null) ? null : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0);
};

/** @param opened what the run had spent before */
export const createLedger = (opened: CostUsd): Ledger => {
  let metered = opened;
  const flying = new Map<Charge, CostUsd>();
  const reserved = new Map<Charge, number>();
  const plus = (a: CostUsd, b: CostUsd): CostUsd => (a === null || b === null ? null : a + b);
  return {
    spent: () => [...flying.values()].reduce(plus, metered),
    committed: () =>
      [...flying]
        .map(([charge, cost]) => (cost === null ? null : Math.max(cost, reserved.get(charge) ?? 0)))
        .reduce(plus, metered),
    anyReserved: () => reserved.size > 0,
    open() {
      const charge: Charge = {
        reserve: (costUsd) => void reserved.set(charge, costUsd),
        soFar: (readings) => void flying.set(charge, total(readings)),
        recorded(reading) {
          metered = plus(metered, costOf(reading));
          flying.set(charge, 0);
          reserved.delete(charge);
        },
        close() {
          flying.delete(charge);
          reserved.delete(charge);
        },
      };
      flying.set(charge, 0);
      return charge;
    },
  };
};
