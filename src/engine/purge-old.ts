import type { Engine } from './deps.ts';

const BATCH = 100;
const DAY_MS = 24 * 3_600_000;

/** Deletes runs that ended more than `days` ago, with their events and files, and expired keys. Returns how many runs. */
export const purgeOld = async (engine: Engine, days: number | null): Promise<number> => {
  const now = engine.clock.now();
  await engine.stores.idempotency.purge(now);
  if (days === null) return 0;
  const gone = await engine.stores.runs.purge(now - days * DAY_MS, BATCH);
  for (const id of gone) await engine.artifacts.remove(id);
  return gone.length;
};
