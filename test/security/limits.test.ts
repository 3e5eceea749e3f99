/** The limits of a place, hit by the agent's own Bash tool. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesWith } from '../contracts/executor/host-traces.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { attack } from './attacker.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** Less than the line has bytes. */
const GROWTH_KB = 90_000;
const peakKb = (): number => {
  const status = readFileSync(`/proc/${stage.server().pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
};

describe('a limit of the place', () => {
  it('ends a ten-gibibyte allocation, and is named', async () => {
    const { run } = await attack(
      stage,
      'python3 -c "x = bytearray(10 * 2**30); print(len(x))" || perl -e \'my $x = "a" x (10 * 2**30); print length $x\'; head -c 10G /dev/zero | tail; echo after',
      { limits: { memoryMb: 600, timeoutSeconds: 60 } },
    );
    expect(run.limitsHit).toContain('memory');
  }, 120_000);

  it('holds a fork bomb, which ends with the run', async () => {
    const { run } = await attack(stage, 'bomb() { bomb | bomb & }; bomb; sleep 3; echo after', {
      limits: { maxProcesses: 64, timeoutSeconds: 20, idleSeconds: 15 },
    });
    expect(run.limitsHit).toContain('processes');
    const { status } = await stage.request('GET', '/healthz');
    expect(status).toBe(200);
  }, 120_000);

  it('gives a busy loop no more than its share of the processors', async () => {
    const { printed } = await attack(
      stage,
      'for i in 1 2 3; do (timeout 2 sh -c "while :; do :; done") & done; wait; cat /proc/self/cgroup > /dev/null; times',
      { limits: { cpus: 0.5, timeoutSeconds: 60 } },
    );
    const seconds = [...printed.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
    expect(seconds.length).toBeGreaterThan(2);
    // Three loops of two seconds on two cores would take about four seconds of processor time without the limit.
    expect(Math.max(...seconds)).toBeLessThan(1.6);
  }, 120_000);

  it('ends a job that fills the disk, within seconds, names it and says what helps', async () => {
    const { run } = await attack(
      stage,
      'for i in $(seq 100); do head -c 10M /dev/zero > /workspace/f$i; head -c 10M /dev/zero > ~/f$i; sleep 0.2; done; sleep 60',
      { limits: { diskMb: 64, timeoutSeconds: 90 } },
    );
    expect(run).toMatchObject({ status: 'failed', limitsHit: ['disk'], error: { code: 'disk' } });
    expect(run.error.hint).toContain('limits.diskMb');
    expect(Date.parse(run.endedAt) - Date.parse(run.startedAt)).toBeLessThan(30_000);
  }, 120_000);

  it('holds "yes" for ever and a line of 100 MB, and neither fills the memory of the server', async () => {
    const before = peakKb();
    const line = await attack(stage, 'head -c 100000000 /dev/zero | tr "\\0" a; echo; echo after', {
      limits: { timeoutSeconds: 90, diskMb: 300 },
    });
    // The agent's program cuts what a command prints, and goes on.
    expect(line.run, JSON.stringify(line.run.error)).toMatchObject({ status: 'succeeded' });
    expect(line.printed).toContain('aaaa');
    const endless = await attack(stage, 'yes', { limits: { timeoutSeconds: 10, diskMb: 300 } });
    // Where it does not end a command that floods it, the time of the run runs out, or its disk.
    expect(['timed_out', 'failed', 'succeeded']).toContain(endless.run.status);
    const took = Date.parse(endless.run.endedAt) - Date.parse(endless.run.startedAt);
    expect(took).toBeLessThan(20_000);
    for (const { run, events } of [line, endless]) {
      expect(JSON.stringify(events).length, run.id).toBeLessThan(500_000);
    }
    expect(peakKb() - before).toBeLessThan(GROWTH_KB);
  }, 180_000);

  it('ends everything that the agent left running in the background, at the time limit', async () => {
    const name = `survivor-${process.pid}`;
    const { run } = await attack(
      stage,
      `(setsid nohup sh -c "trap : TERM HUP INT; : ${name}; while :; do date > /workspace/alive; sleep 0.2; done" >/dev/null 2>&1 &); sleep 60`,
      { limits: { timeoutSeconds: 6 } },
    );
    expect(run).toMatchObject({ status: 'timed_out', limitsHit: ['deadline'] });
    const took = Date.parse(run.endedAt) - Date.parse(run.startedAt);
    expect(took).toBeLessThan(11_000);
    expect(processesWith(name)).toEqual([]);
    const { body } = await stage.request('GET', `/runs/${run.id}/artifacts`);
    expect(body.data.map((file: { path: string }) => file.path)).toContain('alive');
  }, 120_000);
});
