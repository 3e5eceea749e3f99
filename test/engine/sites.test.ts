/** A server with two sites: runs execute where their record says. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTurnPlace } from '../../src/engine/turn-place.ts';
import { createWorker } from '../../src/engine/worker.ts';
import type { Readiness } from '../../src/ports/executor.ts';
import type { Logger } from '../../src/ports/logger.ts';
import { createSimulatedExecutor, type SimulatedExecutor } from '../support/simulation/simulated-executor.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

const SCRIPT = [{ print: 'done it' }, { exit: 0 }] as const;

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
