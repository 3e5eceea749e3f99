/** A small seeded generator (mulberry32): the same seed draws the same numbers on every machine. */
import type { Random } from '../../../../src/ports/clock.ts';

export interface Chance extends Random {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** True with probability `share`. */
  of(share: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

export const createChance = (seed: number): Chance => {
  let state = seed | 0;
  const float = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (low: number, high: number): number => low + Math.floor(float() * (high - low + 1));
  return {
    float,
    int,
    of: (share) => float() < share,
    pick: (items) => items[int(0, items.length - 1)] ?? items[0],
    bytes: (count) => Uint8Array.from({ length: count }, () => int(0, 255)),
  };
};
