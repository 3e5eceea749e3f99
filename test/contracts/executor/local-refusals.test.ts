/** Isolation is never silently less: what cannot be walled in is not executed. */
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/core/limits.ts';
import { NO_FENCE } from '../../../src/executors/local/cgroup.ts';
import { type Place, placeOf } from '../../../src/executors/local/place.ts';
import { stage } from '../../../src/executors/local/stage.ts';
import { awaitArrival, launch, refusalOf } from '../../../src/executors/local/transport.ts';
import { createSystemClock } from '../../../src/system/clock.ts';
import { until } from './host-traces.ts';
import { endedWell, fileIn, run, saidBy, shell } from './jobs.ts';
import { type OpenLocal, openLocal } from './open-local.ts';
import { startLocalProcess } from './start-local-process.ts';

describe('local executor, when isolation is not to be had', () => {
  let local: OpenLocal;
  const clock = createSystemClock();
  beforeAll(async () => {
    local = await openLocal();
  });
  afterAll(() => local.close());

  /** A prepared place, and the supervisor's way to run a command in it without walls. */
  const prepared = async (): Promise<Place> => {
    const job = shell('true');
    const place = placeOf(local.runsDir, `${job.runId}/1`);
    if (place === null) throw new Error('No place.');
    await stage(
      place,
      job,
      { fence: NO_FENCE, keep: [], files: [], maxOutputBytes: 1_000 },
      { owner: null, workspace: null },
    );
    return place;
  };
  const touch = (place: Place) => ['/bin/sh', '-c', `echo x > ${join(place.dir, 'executed')}; echo inside >&9`];

  it('says so when all is there', async () => {
    const readiness = await local.executor.check();
    expect(readiness.findings.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(readiness.ready).toBe(true);
    const parts = readiness.findings.map(({ part }) => part);
    expect(parts).toEqual(
      expect.arrayContaining([
        'bwrap',
        'no network',
        'system calls',
        'memory limit',
        'process limit',
        'CPU limit',
        'disk quota',
      ]),
    );
  });

  it('does not start a program whose control group cannot be entered', async () => {
    const place = await prepared();
    const fence = { ...NO_FENCE, groups: { memory: '/sys/fs/cgroup/no-such-group' } };
    const launched = {
      fence,
      options: [],
      filter: null,
      namespace: null,
      command: touch(place),
      limits: DEFAULT_LIMITS,
      graceSeconds: 1,
      reserveBytes: 0,
      countedToo: null,
    };
    expect(await awaitArrival(place, launch(place, launched), clock)).toBe('ended');
    expect(existsSync(join(place.dir, 'executed'))).toBe(false);
    const refusal = refusalOf(place);
    expect(refusal.code).toBe('isolation_unavailable');
    expect(refusal.message).toContain('no-such-group/cgroup.procs');
  });

  it('starts it through the command of its fence, where there is one', async () => {
    const place = await prepared();
    const fence = { ...NO_FENCE, command: ['/usr/bin/env', 'FENCED=1'] };
    const command = ['/bin/sh', '-c', 'echo "$FENCED"; echo inside >&9'];
    const child = launch(place, {
      fence,
      options: [],
      filter: null,
      namespace: null,
      command,
      limits: DEFAULT_LIMITS,
      graceSeconds: 1,
      reserveBytes: 0,
      countedToo: null,
    });
    expect(await awaitArrival(place, child, clock)).toBe('inside');
    const found = await local.executor.attach(place.ref);
    expect(await found?.exit).toEqual(endedWell);
  });

  it('goes away when another supervisor has the claim', async () => {
    const place = await prepared();
    writeFileSync(place.path('claim'), `${process.pid} 1 another-boot\n`);
    const what = {
      fence: NO_FENCE,
      options: [],
      filter: null,
      namespace: null,
      command: touch(place),
      limits: DEFAULT_LIMITS,
      graceSeconds: 1,
      reserveBytes: 0,
      countedToo: null,
    };
    const child = launch(place, what);
    await until(() => child.exitCode !== null);
    expect(existsSync(join(place.dir, 'executed'))).toBe(false);
    expect(existsSync(place.path('exit'))).toBe(false);
  });

  it('refuses a job whose walls cannot be built, says what bubblewrap said, and leaves nothing', async () => {
    const job = shell('echo executed', { socketDir: '/no/such/directory' });
    await expect(local.executor.start(job)).rejects.toMatchObject({
      code: 'isolation_unavailable',
      message: expect.stringContaining('/no/such/directory'),
    });
    expect(readdirSync(local.runsDir)).not.toContain(job.runId);
    expect(await local.executor.attach(`${job.runId}/1`)).toBeNull();
  });

  it('refuses files that cannot be laid out, and leaves nothing', async () => {
    for (const paths of [['a', 'a'], ['a', 'a/b'], ['x'.repeat(300)]]) {
      const job = shell('true', { files: paths.map((path) => fileIn(path, '')) });
      await expect(local.executor.start(job)).rejects.toMatchObject({ code: 'place_failed' });
      expect(await local.executor.attach(`${job.runId}/1`)).toBeNull();
    }
  });

  it('refuses arguments that no system takes', async () => {
    const job = shell('true', { args: ['x'.repeat(3_000_000)] });
    await expect(local.executor.start(job)).rejects.toMatchObject({ code: 'place_failed' });
  });

  it('is not blocked by what a crash left: a draft, a prepared place, a stale control group', async () => {
    const job = shell('echo executed');
    mkdirSync(join(local.runsDir, job.runId, '.new-1-999999-0-1', 'workspace'), { recursive: true });
    const place = placeOf(local.runsDir, `${job.runId}/1`);
    if (place === null) return;
    await stage(
      place,
      job,
      { fence: NO_FENCE, keep: [], files: [], maxOutputBytes: 1_000 },
      { owner: null, workspace: null },
    );
    expect(await local.executor.attach(place.ref)).toBeNull();
    expect(await run(local.executor, job)).toEqual({ exit: endedWell, stdout: 'executed\n', stderr: '' });
    expect(readdirSync(local.runsDir)).not.toContain(job.runId);
  });

  it.runIf(process.getuid?.() === 0)('kills a tree also where no control group knows its members', async () => {
    const runsDir = join(local.runsDir, 'of-a-user');
    mkdirSync(runsDir);
    const user = 61_999;
    chownSync(runsDir, user, user);
    chmodSync(local.runsDir, 0o711);
    const script = 'trap "" TERM; (setsid sh -c "trap \'\' TERM; sleep 600" &); echo up; while :; do sleep 600; done';
    const starter = startLocalProcess({ runsDir, script, isolation: 'relaxed' }, { user });
    await starter.next();
    const { ref } = await starter.next();
    await starter.kill();
    const found = await local.with({ runsDir }).attach(String(ref));
    if (found !== null) await saidBy(found, 'up');
    await found?.kill('cancelled');
    expect(await found?.exit).toEqual({ ...endedWell, code: null, signal: 'SIGKILL', endedBy: 'cancelled' });
    await found?.release();
  });
});
