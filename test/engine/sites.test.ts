/** A server with two sites: runs execute where their record says. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aloneUntil } from '../../src/core/custody.ts';
import type { RunId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run.ts';
import { claim } from '../../src/core/transitions.ts';
import { createLocalNotifier } from '../../src/engine/local-notifier.ts';
import { createTurnPlace } from '../../src/engine/turn-place.ts';
import { createWorker } from '../../src/engine/worker.ts';
import type { Readiness } from '../../src/ports/executor.ts';
import type { Logger } from '../../src/ports/logger.ts';
import { createSimulatedExecutor, type SimulatedExecutor } from '../support/simulation/simulated-executor.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

const SCRIPT = [{ wait: 1_000 }, { print: 'done it' }, { exit: 0 }] as const;

describe('a server with a site beside its own', () => {
  let world: World;
  let beside: SimulatedExecutor;
  beforeEach(async () => {
    world = await openWorld(() => SCRIPT);
    beside = { ...createSimulatedExecutor(world.clock, () => SCRIPT), name: 'beside' };
  });
  afterEach(() => world.close());

  const serve = async (run: string, hasBeside: boolean) => {
    const ways: string[] = [];
    const gateway = {
      ...world.drive.gateway,
      open: async (opened: Parameters<typeof world.drive.gateway.open>[0]) => {
        ways.push(opened.id);
        return world.drive.gateway.open(opened);
      },
    };
    const told: string[] = [];
    const worker = createWorker(
      {
        ...world.drive,
        concluded: async ({ id }) => {
          told.push(id);
        },
        beside: hasBeside ? { executor: beside, gateway } : null,
      },
      8,
    );
    worker.start();
    const { id } = await world.submit({ executor: run });
    const finished = await world.finish(id);
    await worker.stop();
    return { ...finished, besideWays: ways, told };
  };

  it('executes a run that names it there, with the way to the model of that site', async () => {
    const { run, besideWays } = await serve('beside', true);
    expect(run.state.status).toBe('succeeded');
    expect([beside.starts.size, world.executor.starts.size]).toEqual([1, 0]);
    expect(besideWays).toEqual([run.id]);
  });

  it('executes any other run at its own', async () => {
    const { run, besideWays } = await serve(world.executor.name, true);
    expect(run.state.status).toBe('succeeded');
    expect([beside.starts.size, world.executor.starts.size]).toEqual([0, 1]);
    expect(besideWays).toEqual([]);
  });

  it('refuses a run whose place it does not have, and executes it nowhere', async () => {
    const { run, told } = await serve('beside', false);
    expect(run.state).toMatchObject({
      status: 'failed',
      failure: { code: 'place_failed', hint: expect.stringContaining('SLIPWAY_EXECUTOR=beside') },
    });
    expect([beside.starts.size, world.executor.starts.size]).toEqual([0, 0]);
    expect(told).toEqual([run.id]);
  });

  /** A server of this installation whose settings are others: with the site, or without it. */
  const spawn = (holder: string, hasBeside: boolean, told: string[] = []) =>
    createWorker(
      {
        ...world.drive,
        holder,
        notifier: createLocalNotifier(),
        concluded: async ({ id }) => {
          told.push(id);
        },
        beside: hasBeside ? { executor: beside, gateway: world.drive.gateway } : null,
      },
      1,
    );
  const read = async (id: RunId) => {
    const run = await world.stores.runs.get(id);
    if (run === null) throw new Error('it is gone');
    return run;
  };
  /** Begun beside one server, which then leaves. */
  const begun = async (): Promise<Run> => {
    const driver = spawn('driver', true);
    driver.start();
    const { id } = await world.submit({ executor: 'beside' });
    await world.clock.until(async () => (await read(id)).state.status === 'running');
    await driver.stop();
    return read(id);
  };

  it('leaves a run that was begun there to a server that has the place, and takes none of its leases', async () => {
    const run = await begun();
    const lacking = spawn('lacking', false);
    const own = await world.submit();
    // At its first look, though the other one comes first and it asks for one alone.
    expect(await lacking.tick()).toBe(1);
    lacking.start();
    await world.finish(own.id);
    expect(await read(run.id)).toEqual(run);
    const having = spawn('having', true);
    having.start();
    const { run: finished } = await world.finish(run.id);
    await Promise.all([lacking.stop(), having.stop()]);
    expect(finished).toMatchObject({ state: { status: 'succeeded' }, leaseToken: run.leaseToken + 1 });
    expect(beside.starts.size).toBe(1);
  });

  it('ends a run that was begun there when nothing of it can be alive, and says what is not known', async () => {
    const run = await begun();
    const told: string[] = [];
    const lacking = spawn('lacking', false, told);
    lacking.start();
    const until = aloneUntil(run);
    await world.clock.advance(until - 1 - world.clock.now());
    expect([await read(run.id), told]).toEqual([run, []]);
    await world.clock.advance(2_000);
    await lacking.stop();
    expect((await read(run.id)).state).toMatchObject({
      status: 'failed',
      failure: { code: 'place_lost', message: expect.stringContaining('"beside"') },
    });
    expect(told).toEqual([run.id]);
  });

  it('leaves a run alone whose start nobody has heard of', async () => {
    const { id } = await world.submit({ executor: 'beside' });
    const leaseMs = 10_000;
    const run = await world.stores.runs.update(id, (queued) => claim(queued, 'dead', leaseMs, world.clock.now()));
    const lacking = spawn('lacking', false);
    lacking.start();
    await world.clock.advance(60_000);
    expect(await read(id)).toEqual(run);
    await world.clock.advance(aloneUntil(run) - world.clock.now() + 2_000);
    await lacking.stop();
    expect((await read(id)).state).toMatchObject({ status: 'failed', failure: { code: 'place_lost' } });
  });
});

describe('where a turn executes', () => {
  const warnings: string[] = [];
  const warn = (_fields: object, message: string): void => {
    warnings.push(message);
  };
  const quiet = (): void => undefined;
  const logger: Logger = { debug: quiet, info: quiet, warn, error: quiet, child: () => logger };
  beforeEach(() => warnings.splice(0));

  const clock = { now: () => 0, sleep: async () => undefined };
  const main = { ...createSimulatedExecutor(clock, () => SCRIPT), name: 'main' };
  const tried: { count: number } = { count: 0 };
  const sandbox = (check: () => Promise<Readiness>) => ({
    ...main,
    name: 'sandbox',
    check: () => {
      tried.count += 1;
      return check();
    },
  });
  const ready: Readiness = { ready: true, findings: [] };
  const missing: Readiness = {
    ready: false,
    findings: [{ part: 'bubblewrap', status: 'missing', detail: 'not installed', mend: null }],
  };

  it('is the sandbox beside the server, which is tried once, and only when a turn comes', async () => {
    tried.count = 0;
    const turnPlace = createTurnPlace(
      main,
      sandbox(async () => ready),
      logger,
    );
    expect(tried.count).toBe(0);
    expect([await turnPlace(), await turnPlace()]).toEqual(['sandbox', 'sandbox']);
    expect([tried.count, warnings]).toEqual([1, []]);
  });

  it('is where runs execute when that sandbox is not whole, and that is said once', async () => {
    const turnPlace = createTurnPlace(
      main,
      sandbox(async () => missing),
      logger,
    );
    expect([await turnPlace(), await turnPlace()]).toEqual(['main', 'main']);
    expect(warnings).toEqual([expect.stringContaining('no sandbox beside the server')]);
  });

  it('is where runs execute when the sandbox cannot be tried, and it is tried again', async () => {
    let works = false;
    const turnPlace = createTurnPlace(
      main,
      sandbox(async () => {
        if (works) return ready;
        throw new Error('out of processes');
      }),
      logger,
    );
    expect(await turnPlace()).toBe('main');
    works = true;
    expect(await turnPlace()).toBe('sandbox');
  });

  it('is where runs execute when there is no sandbox', async () => {
    expect(await createTurnPlace(main, null, logger)()).toBe('main');
  });
});
