/** A clock that is set by an hour, forward or back, while runs go on: nothing happens twice, too early, or never. */
import { afterEach, describe, expect, it } from 'vitest';
import { fireSchedules } from '../../src/engine/fire-schedules.ts';
import { createAgent } from '../../src/engine/save-agent.ts';
import { ALICE, task } from '../contracts/stores/fixtures.ts';
import type { Step } from '../support/simulation/simulated-executor.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const JUMPS = [
  ['forward', HOUR],
  ['back', -HOUR],
] as const;
/** Says something each ten seconds for a minute. */
const MINUTE_OF_WORK: readonly Step[] = [
  ...[1, 2, 3, 4, 5, 6].flatMap((n) => [{ print: `say ${n}` }, { wait: 10 * SECOND }]),
  { print: 'done all' },
  { exit: 0 },
];
const LIMITS = { ...task().limits, timeoutSeconds: 300, idleSeconds: 30 };

let world: World;
afterEach(() => world.close());

const submit = () => world.submit({ task: { ...task(), limits: LIMITS } });

describe.each(JUMPS)('the clock set one hour %s', (_, jump) => {
  it('takes no run from its deadline, its silence or its holder', async () => {
    world = await openWorld(() => MINUTE_OF_WORK);
    world.spawn().start();
    const { id } = await submit();
    await world.clock.advance(25 * SECOND);
    world.clock.set(jump);
    await world.clock.advance(10 * SECOND);
    const { run, events } = await world.finish(id);
    expect(run).toMatchObject({ stop: null, attempt: 1, state: { status: 'succeeded' } });
    expect(events.filter((event) => event.type === 'agent.message')).toHaveLength(6);
    expect(events.map((event) => event.seq)).toEqual(events.map((__, index) => index + 1));
    expect([...world.executor.starts.values()]).toEqual([1]);
  });

  it('lets two servers end a run once', async () => {
    world = await openWorld(() => MINUTE_OF_WORK);
    world.spawn().start();
    const { id } = await submit();
    await world.clock.advance(15 * SECOND);
    world.spawn().start();
    world.clock.set(jump);
    await world.clock.advance(100 * SECOND);
    const { run, events } = await world.finish(id);
    expect(events.filter((event) => event.type === 'agent.message')).toHaveLength(6);
    expect(events.filter((event) => event.type.startsWith('run.')).map((event) => event.type)).toEqual([
      'run.queued',
      'run.starting',
      'run.running',
      `run.${run.state.status}`,
    ]);
    expect([...world.executor.starts.values()]).toEqual([1]);
  });

  it('still ends a run at its deadline', async () => {
    world = await openWorld(() =>
      Array.from({ length: 200 }, () => [{ print: 'say on' }, { wait: 10 * SECOND }]).flat(),
    );
    world.spawn().start();
    const { id } = await submit();
    await world.clock.advance(100 * SECOND);
    world.clock.set(jump);
    await world.clock.advance(190 * SECOND);
    expect(await world.stores.runs.get(id)).toMatchObject({ stop: null, state: { status: 'running' } });
    await world.clock.advance(20 * SECOND);
    expect(await world.stores.runs.get(id)).toMatchObject({
      stop: { reason: 'deadline' },
      state: { status: 'timed_out' },
    });
  });

  it('still ends a run that is silent', async () => {
    world = await openWorld(() => [{ print: 'say 1' }, { wait: HOUR }]);
    world.spawn().start();
    const { id } = await submit();
    await world.clock.advance(10 * SECOND);
    world.clock.set(jump);
    await world.clock.advance(40 * SECOND);
    expect(await world.stores.runs.get(id)).toMatchObject({ stop: { reason: 'idle' }, state: { status: 'timed_out' } });
  });

  it('leaves the run of a server that died afterwards to the next one, after a lease', async () => {
    world = await openWorld(() => MINUTE_OF_WORK);
    const { worker, freeze } = world.spawnFreezing();
    worker.start();
    const { id } = await submit();
    await world.clock.advance(10 * SECOND);
    world.clock.set(jump);
    await world.clock.advance(5 * SECOND);
    freeze();
    world.spawn().start();
    await world.clock.advance(world.drive.pace.leaseMs + 2 * SECOND);
    expect(await world.stores.runs.get(id)).toMatchObject({ leaseToken: 2 });
    // Who comes later knows of the start only by the clock: set forward, it may find the deadline behind it.
    const { run } = await world.finish(id);
    expect(run.state.status).toBe(jump > 0 ? 'timed_out' : 'succeeded');
    expect([...world.executor.starts.values()]).toEqual([1]);
  });
});

describe('a schedule', () => {
  const HOURLY = { cron: '0 * * * *', timezone: 'UTC', overlap: 'allow' } as const;
  const firings = async (): Promise<string[]> => {
    const { items } = await world.stores.runs.list({ userId: ALICE }, { limit: 100, cursor: null });
    return items
      .filter((run) => run.state.status !== 'skipped')
      .map((run) => new Date(run.trigger.firedFor ?? 0).toISOString().slice(11, 16))
      .sort();
  };
  const pass = async (minutes: number): Promise<void> => {
    for (let passed = 0; passed < minutes; passed += 5) {
      await world.clock.advance(5 * MINUTE);
      await fireSchedules(world.drive);
    }
  };
  const begin = async (): Promise<void> => {
    // Nine o'clock, UTC.
    world = await openWorld(() => MINUTE_OF_WORK);
    await createAgent(world.drive, ALICE, { name: 'Hourly', task: task(), schedule: HOURLY, status: 'active' });
    await pass(70);
    expect(await firings()).toEqual(['10:00']);
  };

  it('fires once for the hour that the clock has leapt over, and goes on', async () => {
    await begin();
    world.clock.set(HOUR);
    await pass(5);
    expect(await firings()).toEqual(['10:00', '11:00']);
    await pass(60);
    expect(await firings()).toEqual(['10:00', '11:00', '12:00']);
  });

  it('does not fire again for the hour that the clock goes through twice', async () => {
    await begin();
    world.clock.set(-HOUR);
    await pass(60);
    expect(await firings()).toEqual(['10:00']);
    await pass(60);
    expect(await firings()).toEqual(['10:00', '11:00']);
  });
});
