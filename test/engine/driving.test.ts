import { afterEach, describe, expect, it } from 'vitest';
import { DomainError } from '../../src/core/errors.ts';
import type { RunEvent } from '../../src/core/events.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import type { Run } from '../../src/core/run.ts';
import { cancelRun } from '../../src/engine/cancel-run.ts';
import { claimNext } from '../../src/engine/claim-next.ts';
import { executeRun } from '../../src/engine/execute-run.ts';
import type { Job } from '../../src/ports/executor.ts';
import { ALICE, task } from '../contracts/stores/fixtures.ts';
import type { Step } from '../support/simulation/simulated-executor.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

let world: World;
afterEach(() => world.close());

const open = async (script: readonly Step[] | ((job: Job) => readonly Step[])): Promise<void> => {
  world = await openWorld(typeof script === 'function' ? script : () => script);
};
const types = (events: readonly RunEvent[]): string[] => events.map((event) => event.type);
const limits = (patch: Partial<typeof DEFAULT_LIMITS>) => task({ limits: { ...DEFAULT_LIMITS, ...patch } });

describe('a process that was stopped after it had claimed a run', () => {
  it('starts nothing: the run goes on elsewhere, once', async () => {
    await open([{ print: 'done it' }, { exit: 0 }]);
    const submitted = await world.submit();
    const runs: Run[] = [];
    const take = (run: Run): number => runs.push(run);
    await claimNext(world.drive, { room: 1, concurrency: 1, isMine: () => false, left: new Map() }, take);
    const [claimed] = runs;
    if (claimed === undefined) throw new Error('Nothing was claimed.');
    const { drive } = world;
    const openWay = drive.gateway.open;
    const stopped = { ...drive.gateway, open: (run: Run) => world.clock.sleep(11_000).then(() => openWay(run)) };
    const driving = executeRun({ ...drive, gateway: stopped }, claimed, new AbortController().signal);
    await world.clock.advance(11_000);
    await driving;
    expect(world.executor.starts.size).toBe(0);
    const worker = world.spawn();
    worker.start();
    expect((await world.finish(submitted.id)).run).toMatchObject({ attempt: 1, state: { status: 'succeeded' } });
    await worker.stop();
  });
});

describe('a run that goes well', () => {
  it('is queued, started, recorded and settled, with numbers without a gap', async () => {
    await open([{ print: 'say one' }, { wait: 100 }, { print: 'say two' }, { print: 'done it' }, { exit: 0 }]);
    const worker = world.spawn();
    worker.start();
    const submitted = await world.submit();
    const { run, events } = await world.finish(submitted.id);
    expect(run.state).toMatchObject({ status: 'succeeded', stopReason: 'end_turn', result: { text: 'it' } });
    expect(types(events)).toEqual([
      'run.queued',
      'run.starting',
      'run.running',
      'agent.message',
      'agent.message',
      'run.succeeded',
    ]);
    expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(world.executor.places.size).toBe(0);
    expect(world.openWays.size).toBe(0);
    await worker.stop();
  });

  it('keeps its last line even when it has no line break, and its standard error', async () => {
    await open([{ complain: 'a warning' }, { print: 'done' }, { exit: 0 }]);
    const worker = world.spawn();
    worker.start();
    const { run, events } = await world.finish((await world.submit()).id);
    expect(events.find((event) => event.type === 'log')?.data).toMatchObject({ stream: 'stderr', text: 'a warning' });
    expect(run.state.status).toBe('succeeded');
    await worker.stop();
  });

  it('carries denials that only the record of the run shows', async () => {
    await open([{ print: 'deny Bash' }, { print: 'done anyway' }, { exit: 0 }]);
    const worker = world.spawn();
    worker.start();
    const { run, events } = await world.finish((await world.submit()).id);
    expect(run.permissionDenials).toEqual([{ tool: 'Bash', toolUseId: 'Bash', input: {} }]);
    expect(events.at(-1)?.data).toMatchObject({ permissionDenials: [{ tool: 'Bash' }] });
    await worker.stop();
  });
});

describe('a run that does not', () => {
  it('fails when its program fails', async () => {
    await open([{ print: 'say hello' }, { exit: 3 }]);
    const worker = world.spawn();
    worker.start();
    const { run } = await world.finish((await world.submit()).id);
    expect(run.state).toMatchObject({ status: 'failed', failure: { code: 'harness_failed' } });
    await worker.stop();
  });

  it('is timed out at its deadline, measured from its start', async () => {
    await open([...Array.from({ length: 100 }, () => [{ wait: 1_000 }, { print: 'say still here' }]).flat()]);
    const worker = world.spawn();
    worker.start();
    const { run } = await world.finish((await world.submit({ task: limits({ timeoutSeconds: 7 }) })).id);
    expect(run.state).toMatchObject({ status: 'timed_out', stopReason: 'deadline', limitsHit: ['deadline'] });
    if (run.state.status !== 'timed_out' || run.state.startedAt === null) throw new Error('unreachable');
    expect(run.state.endedAt - run.state.startedAt).toBeGreaterThanOrEqual(7_000);
    expect(run.state.endedAt - run.state.startedAt).toBeLessThan(8_500);
    await worker.stop();
  });

  it('is timed out when it falls silent, and keeps the result that it had given', async () => {
    await open([{ print: 'done early' }]);
    const worker = world.spawn();
    worker.start();
    const { run } = await world.finish((await world.submit({ task: limits({ idleSeconds: 5 }) })).id);
    expect(run.state).toMatchObject({ status: 'timed_out', stopReason: 'idle', failure: { code: 'idle' } });
    await worker.stop();
  });

  it('is stopped when it prints too much, and its reading ends there', async () => {
    const flood = Array.from({ length: 60 }, () => [{ print: 'x'.repeat(1_000) }, { wait: 50 }]).flat();
    await open([...flood, { print: 'done' }, { exit: 0 }]);
    const worker = world.spawn();
    worker.start();
    const { run } = await world.finish((await world.submit({ task: limits({ maxOutputBytes: 10_000 }) })).id);
    expect(run.state).toMatchObject({ status: 'failed', limitsHit: ['output'], failure: { code: 'output' } });
    await worker.stop();
  });

  it('is started again, later, when the place could not be had', async () => {
    await open([{ print: 'done' }, { exit: 0 }]);
    world.executor.failNext(new DomainError('place_unavailable', 'No room.'));
    world.executor.failNext(new DomainError('place_unavailable', 'No room.'));
    const worker = world.spawn();
    worker.start();
    const { run, events } = await world.finish((await world.submit()).id);
    expect(run).toMatchObject({ attempt: 3, state: { status: 'succeeded' } });
    expect(types(events).filter((type) => type === 'run.queued')).toHaveLength(3);
    await worker.stop();
  });

  it('fails, with the reason and its hint, when the isolation is not there', async () => {
    await open([]);
    world.executor.failNext(new DomainError('isolation_unavailable', 'No namespaces.', { hint: 'Do this.' }));
    const worker = world.spawn();
    worker.start();
    const { run } = await world.finish((await world.submit()).id);
    expect(run.state).toMatchObject({
      status: 'failed',
      failure: { code: 'isolation_unavailable', message: 'No namespaces.', hint: 'Do this.' },
    });
    await worker.stop();
  });

  it('fails as lost when its place vanishes', async () => {
    await open([{ print: 'say hello' }, { wait: 60_000 }]);
    const worker = world.spawn();
    worker.start();
    const { id } = await world.submit();
    await world.clock.until(async () => (await world.stores.runs.get(id))?.state.status === 'running');
    world.executor.lose(`${id}/1`);
    const { run } = await world.finish(id);
    expect(run.state).toMatchObject({ status: 'failed', failure: { code: 'place_lost' } });
    await worker.stop();
  });
});

describe('cancelling', () => {
  it('ends a queued run at once', async () => {
    await open([]);
    const { id } = await world.submit();
    const { run, accepted } = await cancelRun(world.drive, ALICE, id);
    expect(accepted).toBe(true);
    expect(run.state.status).toBe('cancelled');
    expect(world.executor.starts.size).toBe(0);
  });

  it('ends a running one within two seconds, also when another process is told', async () => {
    await open([{ wait: 60_000 }, { exit: 0 }]);
    const worker = world.spawn();
    worker.start();
    const { id } = await world.submit();
    await world.clock.until(async () => (await world.stores.runs.get(id))?.state.status === 'running');
    const asked = world.clock.now();
    await cancelRun(world.drive, ALICE, id);
    const { run, events } = await world.finish(id);
    expect(run.state).toMatchObject({ status: 'cancelled', stopReason: 'cancelled' });
    expect(world.clock.now() - asked).toBeLessThanOrEqual(2_000);
    expect(types(events).slice(-2)).toEqual(['run.stopping', 'run.cancelled']);
    await worker.stop();
  });

  it('is refused politely when the run is over', async () => {
    await open([{ print: 'done' }, { exit: 0 }]);
    const worker = world.spawn();
    worker.start();
    const { id } = await world.submit();
    await world.finish(id);
    const { run, accepted } = await cancelRun(world.drive, ALICE, id);
    expect(accepted).toBe(false);
    expect(run.state.status).toBe('succeeded');
    await worker.stop();
  });
});
