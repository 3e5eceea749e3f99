import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../../src/core/agent.ts';
import { fireSchedules } from '../../src/engine/fire-schedules.ts';
import { purgeOld } from '../../src/engine/purge-old.ts';
import { createAgent, updateAgent } from '../../src/engine/save-agent.ts';
import { ALICE, task } from '../contracts/stores/fixtures.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

const MINUTE = 60_000;
const HOURLY = { cron: '0 * * * *', timezone: 'UTC', overlap: 'skip' } as const;

let world: World;
// Nine o'clock, UTC.
beforeEach(async () => {
  world = await openWorld(() => [{ print: 'done' }, { exit: 0 }]);
});
afterEach(() => world.close());

const schedule = (overrides: Partial<Agent['schedule'] & object> = {}): Promise<Agent> =>
  createAgent(world.drive, ALICE, {
    name: 'Hourly',
    task: task(),
    schedule: { ...HOURLY, ...overrides },
    status: 'active',
  });
const runs = async () => (await world.stores.runs.list({ userId: ALICE }, { limit: 100, cursor: null })).items;

describe('firing schedules', () => {
  it('fires when it is time, once, however often and by however many it is asked', async () => {
    const agent = await schedule();
    expect(await fireSchedules(world.drive)).toBe(0);
    await world.clock.advance(60 * MINUTE);
    const made = await Promise.all([1, 2, 3].map(() => fireSchedules(world.drive)));
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await fireSchedules(world.drive)).toBe(0);
    const [run] = await runs();
    expect(run).toMatchObject({
      agentId: agent.id,
      agentRevision: 1,
      trigger: { kind: 'schedule', firedFor: world.clock.now() },
      state: { status: 'queued' },
    });
    expect((await world.stores.agents.get(agent.id))?.nextFireAt).toBe(world.clock.now() + 60 * MINUTE);
  });

  it('drops a firing visibly while an earlier run is not over', async () => {
    await schedule();
    await world.clock.advance(60 * MINUTE);
    await fireSchedules(world.drive);
    await world.clock.advance(60 * MINUTE);
    await fireSchedules(world.drive);
    expect((await runs()).map((run) => run.state.status)).toEqual(['skipped', 'queued']);
  });

  it('runs beside the earlier one where the schedule allows it', async () => {
    await schedule({ overlap: 'allow' });
    await world.clock.advance(60 * MINUTE);
    await fireSchedules(world.drive);
    await world.clock.advance(60 * MINUTE);
    await fireSchedules(world.drive);
    expect((await runs()).map((run) => run.state.status)).toEqual(['queued', 'queued']);
  });

  it('says how many firings were missed, and runs once for the last of them', async () => {
    await schedule();
    await world.clock.advance(4 * 60 * MINUTE + MINUTE);
    expect(await fireSchedules(world.drive)).toBe(2);
    const [late, missed] = await runs();
    expect(late).toMatchObject({ state: { status: 'queued' }, trigger: { firedFor: world.clock.now() - MINUTE } });
    expect(missed?.state).toMatchObject({
      status: 'skipped',
      reason: expect.stringContaining('3 firings were missed'),
    });
  });

  it.each([0, 1, 2])(
    'does not call a firing missed whose server died before it moved on (%i hours later)',
    async (hours) => {
      await schedule({ overlap: 'allow' });
      await world.clock.advance(60 * MINUTE);
      const firedFor = world.clock.now();
      const { agents } = world.stores;
      const dies = async (): Promise<never> => {
        throw new Error('killed');
      };
      const mortal = { ...world.drive, stores: { ...world.stores, agents: { ...agents, update: dies } } };
      await expect(fireSchedules(mortal)).rejects.toThrow('killed');
      await world.clock.advance(hours * 60 * MINUTE);
      expect(await fireSchedules(world.drive)).toBe(hours);
      const missed = (await runs()).filter((run) => run.state.status === 'skipped');
      expect(missed.map((run) => run.trigger.firedFor)).toEqual(hours === 2 ? [firedFor + 60 * MINUTE] : []);
      expect(await fireSchedules(world.drive)).toBe(0);
    },
  );

  it('says "at least" when too many were missed to count, and runs for now', async () => {
    await schedule({ cron: '* * * * *' });
    await world.clock.advance(3 * 24 * 60 * MINUTE);
    expect(await fireSchedules(world.drive)).toBe(2);
    const [late, missed] = await runs();
    expect(late).toMatchObject({ state: { status: 'queued' }, trigger: { firedFor: world.clock.now() } });
    expect(missed?.state).toMatchObject({ reason: expect.stringMatching(/^At least 1000 firings were missed/) });
    expect(missed?.state).toMatchObject({ reason: expect.stringContaining(new Date(world.clock.now()).toISOString()) });
  });

  it('follows the time zone through daylight saving', async () => {
    const agent = await schedule({ cron: '30 9 * * *', timezone: 'Europe/Berlin' });
    const hours: number[] = [];
    for (let day = 0; day < 120; day += 1) {
      const next = (await world.stores.agents.get(agent.id))?.nextFireAt ?? 0;
      hours.push(new Date(next).getUTCHours());
      await world.clock.advance(next - world.clock.now());
      await fireSchedules(world.drive);
    }
    expect(new Set(hours)).toEqual(new Set([8, 7]));
  });

  it('does not fire a paused agent, and fires it again from its next time on when it is resumed', async () => {
    const agent = await schedule();
    const draft = { name: agent.name, task: agent.task, schedule: agent.schedule };
    await updateAgent(world.drive, ALICE, agent.id, null, () => ({ ...draft, status: 'paused' }));
    await world.clock.advance(180 * MINUTE);
    expect(await fireSchedules(world.drive)).toBe(0);
    await updateAgent(world.drive, ALICE, agent.id, null, () => ({ ...draft, status: 'active' }));
    expect(await fireSchedules(world.drive)).toBe(0);
    await world.clock.advance(60 * MINUTE);
    expect(await fireSchedules(world.drive)).toBe(1);
  });

  it.each([
    ['* * * * * *', 'UTC', '/schedule/cron'],
    ['61 * * * *', 'UTC', '/schedule/cron'],
    ['nonsense', 'UTC', '/schedule/cron'],
    ['0 0 30 2 *', 'UTC', '/schedule/cron'],
    ['0 9 * * *', 'Mars/Olympus', '/schedule/timezone'],
  ])('refuses "%s" in %s, naming the field', async (cron, timezone, pointer) => {
    await expect(schedule({ cron, timezone })).rejects.toMatchObject({
      code: 'invalid_request',
      faults: [expect.objectContaining({ pointer })],
    });
  });
});

describe('deleting what is old', () => {
  it('deletes finished runs after their time, with their files, and no others', async () => {
    const worker = world.spawn();
    worker.start();
    const old = await world.submit();
    await world.finish(old.id);
    await worker.stop();
    await world.clock.advance(2 * 24 * 60 * MINUTE);
    const waiting = await world.submit();
    expect(await purgeOld(world.drive, null)).toBe(0);
    expect(await purgeOld(world.drive, 3)).toBe(0);
    expect(await purgeOld(world.drive, 1)).toBe(1);
    expect(await world.stores.runs.get(old.id)).toBeNull();
    expect(await world.drive.artifacts.get(old.id, 'manifest.json')).toBeNull();
    expect(await world.stores.runs.get(waiting.id)).not.toBeNull();
  });
});
