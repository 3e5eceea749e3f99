/** The local executor while processes die around it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Execution } from '../../../src/ports/executor.ts';
import { groupsWith, mountsWith, processesWith, until } from './host-traces.ts';
import { endedWell, mark, printed, saidBy, shell } from './jobs.ts';
import { type OpenLocal, openLocal } from './open-local.ts';
import { startLocalProcess } from './start-local-process.ts';

const LOST = { code: null, signal: null, endedBy: null, limitsHit: [], lost: true };

describe('local executor, when its process dies', () => {
  let local: OpenLocal;
  beforeEach(async () => {
    local = await openLocal();
  });
  afterEach(() => local.close());

  const attached = async (ref: unknown): Promise<Execution> => {
    const execution = await local.executor.attach(String(ref));
    if (execution === null) throw new Error(`Nothing is at ${ref}.`);
    return execution;
  };
  const supervisorPid = (ref: string): number =>
    Number(readFileSync(join(local.runsDir, ref, 'claim'), 'utf8').split(' ')[0]);

  it('goes on, and is found again with its whole output', async () => {
    const script = 'i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; sleep 0.3; echo last; exit 9';
    const starter = startLocalProcess({ runsDir: local.runsDir, script });
    await starter.next();
    const { ref } = await starter.next();
    await starter.kill();
    const execution = await attached(ref);
    const { stdout } = await printed(execution);
    const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index}\n`).join('');
    expect(stdout.toString()).toBe(`${lines}last\n`);
    expect(await execution.exit).toEqual({ ...endedWell, code: 9 });
  });

  it('executes once, whenever the starting process died', async () => {
    for (let pause = 0; pause < 30; pause += 3) {
      const script = 'echo x >> count; wc -l < count; sleep 0.1';
      const starter = startLocalProcess({ runsDir: local.runsDir, script });
      await starter.next();
      await new Promise((resolve) => setTimeout(resolve, pause));
      await starter.kill();
      const job = shell(script);
      const execution = await local.executor.start({ ...job, runId: starter.runId as typeof job.runId });
      expect((await printed(execution)).stdout.toString()).toBe('1\n');
      expect(await execution.exit).toEqual(endedWell);
      await execution.release();
    }
  });

  it('executes once when several processes start it at the same time', async () => {
    const job = shell('echo x >> count; wc -l < count; sleep 1');
    const task = { runsDir: local.runsDir, runId: job.runId, script: 'echo x >> count; wc -l < count; sleep 1' };
    const starters = Array.from({ length: 4 }, () => startLocalProcess(task));
    for (const starter of starters) await starter.next();
    const refs = await Promise.all(starters.map(async (starter) => (await starter.next()).ref));
    expect(new Set(refs)).toEqual(new Set([`${job.runId}/1`]));
    const execution = await attached(refs[0]);
    expect((await printed(execution)).stdout.toString()).toBe('1\n');
    expect(groupsWith(job.runId)).toEqual([]);
    for (const starter of starters) await starter.kill();
  });

  it('is lost when its supervisor was killed, and nothing of it is alive', async () => {
    const name = mark();
    const execution = await local.executor.start(
      shell('(setsid sh -c "sleep 600; $1" &); echo up; sleep 600', { args: [name] }),
    );
    await saidBy(execution, 'up');
    process.kill(supervisorPid(execution.ref), 'SIGKILL');
    expect(await execution.exit).toEqual(LOST);
    expect(processesWith(name)).toEqual([]);
    expect((await printed(execution)).stdout.toString()).toBe('up\n');
    const other = await (await local.another()).attach(execution.ref);
    expect(await other?.exit).toEqual(LOST);
  });

  it('ends with its supervisor, also when nobody looks', async () => {
    const starter = startLocalProcess({ runsDir: local.runsDir, script: 'trap "" TERM; sleep 600; sleep 600' });
    await starter.next();
    const { ref } = await starter.next();
    await starter.kill();
    process.kill(supervisorPid(String(ref)), 'SIGKILL');
    await until(() => processesWith(starter.runId).length === 0);
    expect(
      groupsWith(starter.runId)
        .map((path) => readFileSync(join(path, 'cgroup.procs'), 'utf8'))
        .join(''),
    ).toBe('');
    expect(await (await attached(ref)).exit).toEqual(LOST);
  });

  it('is lost also when its supervisor’s pid went to another process, or to another boot', async () => {
    // Our own pid lives; only what else is in the claim tells that it is another process.
    const ours = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ')[19];
    for (const change of [
      ([, , boot]: string[]) => `${process.pid} 1 ${boot}`,
      () => `${process.pid} ${ours} 00000000-0000-0000-0000-000000000000`,
    ]) {
      const execution = await local.executor.start(shell('echo up; sleep 600'));
      await saidBy(execution, 'up');
      const path = join(local.runsDir, execution.ref, 'claim');
      const claim = readFileSync(path, 'utf8').trim().split(' ');
      process.kill(Number(claim[0]), 'SIGKILL');
      writeFileSync(path, `${change(claim)}\n`);
      const other = await (await local.another()).attach(execution.ref);
      expect(await other?.exit).toEqual(LOST);
      await execution.release();
    }
  });

  it('is ended at its deadline with no server alive', async () => {
    const starter = startLocalProcess({ runsDir: local.runsDir, script: 'echo up; sleep 600', timeoutSeconds: 1 });
    await starter.next();
    const { ref } = await starter.next();
    await starter.kill();
    // Seen from outside: nobody of ours looks at it until it is over.
    await until(() => processesWith(starter.runId).length === 0);
    const execution = await attached(ref);
    expect(await execution.exit).toEqual({ ...endedWell, code: null, signal: 'SIGKILL', limitsHit: ['deadline'] });
  });

  it('is ended when it prints too much with no server alive', async () => {
    const script = 'head -c 3000 /dev/zero; sleep 600';
    const starter = startLocalProcess({ runsDir: local.runsDir, script, maxOutputBytes: 2_000 });
    await starter.next();
    const { ref } = await starter.next();
    await starter.kill();
    await until(() => processesWith(starter.runId).length === 0);
    const execution = await attached(ref);
    expect(await execution.exit).toEqual({ ...endedWell, code: null, signal: 'SIGKILL', limitsHit: ['output'] });
  });

  it('leaves nothing behind: no process, no control group, no mount, no file', async () => {
    const jobs = Array.from({ length: 6 }, (_, index) =>
      shell(`${index % 2 === 0 ? 'trap "" TERM;' : ''} echo up; ${index < 4 ? 'sleep 600' : 'exit 1'}`),
    );
    for (const job of jobs) {
      const execution = await local.executor.start(job);
      await saidBy(execution, 'up');
      if (job !== jobs[0]) await execution.kill('cancelled');
      await execution.release();
    }
    for (const { runId } of jobs) {
      await until(() => processesWith(runId).length === 0);
      expect(groupsWith(runId)).toEqual([]);
      expect(mountsWith(runId)).toEqual([]);
      expect(() => readFileSync(join(local.runsDir, runId, '1', 'record.json'))).toThrow('ENOENT');
    }
    expect(mountsWith(local.runsDir)).toEqual([]);
  });
});
