/** What has to be done now and then beside the runs: firing schedules, and deleting what is old. */
import type { Engine } from './deps.ts';
import { fireSchedules } from './fire-schedules.ts';
import { purgeOld } from './purge-old.ts';
import { createWake } from './wake.ts';

export interface Chores {
  /** Does all chores that are due. */
  tick(): Promise<void>;
  start(): void;
  /** Resolves when the chore in progress is done. Idempotent. */
  stop(): Promise<void>;
}

const FIRE_EVERY_MS = 1_000;
const PURGE_EVERY_MS = 60_000;
const TEND_EVERY_MS = 10_000;

/**
 * @param retentionDays how long finished runs are kept; null = for ever
 * @param tend takes over what processes that died have left undone beside runs
 */
export const createChores = (engine: Engine, retentionDays: number | null, tend: () => Promise<void>): Chores => {
  const wake = createWake(engine.clock);
  let purgeAt = 0;
  let tendAt = 0;
  let stopped = true;
  let loop: Promise<void> | null = null;

  const attempt = async (what: string, chore: () => Promise<unknown>): Promise<void> => {
    try {
      await chore();
    } catch (error) {
      engine.logger.error({ err: error }, `${what} failed; it is tried again`);
    }
  };
  const tick = async (): Promise<void> => {
    await attempt('firing schedules', () => fireSchedules(engine));
    if (engine.clock.now() >= tendAt) {
      tendAt = engine.clock.now() + TEND_EVERY_MS;
      await attempt('taking over', tend);
    }
    if (engine.clock.now() < purgeAt) return;
    purgeAt = engine.clock.now() + PURGE_EVERY_MS;
    await attempt('deleting old runs', () => purgeOld(engine, retentionDays));
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      await tick();
      await wake.wait(FIRE_EVERY_MS);
    }
  };
  return {
    tick,
    start: () => {
      if (loop !== null) return;
      stopped = false;
      wake.reset();
      loop = run();
    },
    stop: async () => {
      stopped = true;
      wake.ring();
      await loop;
      loop = null;
    },
  };
};
