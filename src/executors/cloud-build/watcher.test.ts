import { describe, expect, it } from 'vitest';
import type { Logger } from '../../ports/logger.ts';
import type { Build } from './translate.ts';
import { createWatcher, DEFAULT_WATCHER_PACE } from './watcher.ts';

const quiet = (): void => undefined;
const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => logger };

/** Cloud Build with so many builds, and a clock that jumps; the simulation ends when `until` has come. */
const simulate = (count: number, until: number) => {
  const ids = Array.from({ length: count }, (_, index) => `build-${index}`);
  const builds: Build[] = ids.map((id) => ({ id, status: 'WORKING' }));
  let now = 0;
  let calls = 0;
  let longest = 0;
  let over: (() => void) | null = null;
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      longest = Math.max(longest, ms);
      now += ms;
      if (now < until) return;
      over?.();
      await new Promise(() => undefined);
    },
  };
  const google = {
    page: async (_filter: string, token: string | null) => {
      calls += 1;
      const from = Number(token ?? 0);
      const next = from + 100 < builds.length ? String(from + 100) : null;
      return { builds: builds.toReversed().slice(from, from + 100), next };
    },
    get: async (id: string) => {
      calls += 1;
      return builds.find((build) => build.id === id) ?? null;
    },
  };
  return { ids, builds, clock, google, ended, calls: () => calls, longest: () => longest };
};

describe('the watcher of builds', () => {
  it.each([
    [1, 1_000],
    [100, 1_000],
    [500, 2_500],
    [3_000, 15_000],
  ])('spends no more calls than it may on %i builds, and looks every %i ms', async (count, interval) => {
    const minutes = 10;
    const world = simulate(count, minutes * 60_000);
    const watcher = createWatcher(world.google, world.clock, logger);
    for (const id of world.ids) watcher.watch(id, quiet);
    await world.ended;
    expect(world.calls() / minutes).toBeLessThanOrEqual(DEFAULT_WATCHER_PACE.callsPerMinute + 1);
    expect(world.longest()).toBe(interval);
  });

  it('tells each change once, and the final status to everybody', async () => {
    const world = simulate(2, Number.POSITIVE_INFINITY);
    const still = { ...world.clock, sleep: () => new Promise<void>(() => undefined) };
    const watcher = createWatcher(world.google, still, logger);
    const seen: string[] = [];
    watcher.watch('build-0', ({ status }) => seen.push(status));
    await watcher.tick();
    await watcher.tick();
    const [first] = world.builds;
    if (first !== undefined) first.status = 'SUCCESS';
    watcher.watch('build-0', ({ status }) => seen.push(`late ${status}`));
    await watcher.tick();
    await watcher.tick();
    expect(seen).toEqual(['WORKING', 'late WORKING', 'SUCCESS', 'late SUCCESS']);
  });

  it('believes that a build is gone only after it asked for it by name', async () => {
    const world = simulate(1, Number.POSITIVE_INFINITY);
    const still = { ...world.clock, sleep: () => new Promise<void>(() => undefined) };
    const watcher = createWatcher(world.google, still, logger);
    const seen: string[] = [];
    watcher.watch('nowhere', ({ status }) => seen.push(status));
    for (let ticks = 0; ticks < 5; ticks += 1) await watcher.tick();
    expect(seen).toEqual(['VANISHED']);
  });
});
