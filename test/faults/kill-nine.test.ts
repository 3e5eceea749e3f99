/** `kill -9` of the server while runs go on: nothing that was accepted is lost, and nothing happens twice. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/server/stage.ts';

const RUNS = 20;
const ENV = { SLIPWAY_CONCURRENCY: '20' };

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ env: ENV });
});
afterEach(() => stage.close());

/** Processes whose command line names the data directory, which is where all of this test's processes come from. */
const processesOf = (dataDir: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(dataDir) ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
const mountsOf = (dataDir: string): string[] =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(dataDir));
const toolResults = (events: readonly { type: string; data: { toolUseId?: string } }[]): (string | undefined)[] =>
  events.filter((event) => event.type === 'agent.tool_result').map((event) => event.data.toolUseId);

describe('kill -9 of the server in the middle of twenty runs', () => {
  it('ends every accepted run after the next start, no event lost or doubled, nothing left behind', async () => {
    const ids = await Promise.all(
      Array.from({ length: RUNS }, (_, n) =>
        stage.submit(`[[demo:bash]] for i in 1 2 3 4; do echo $i >> ticks; sleep 1; done; echo run ${n}`, {
          allowedTools: ['Bash'],
          limits: { timeoutSeconds: 200, idleSeconds: 150 },
        }),
      ),
    );
    // Somewhere in the middle: some wait, some start, some have tool calls under way.
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await stage.server().kill('SIGKILL');
      await stage.restart();
    }
    for (const [n, id] of ids.entries()) {
      const { run, events } = await stage.finish(id, 150_000);
      expect(run.status, JSON.stringify(run)).toBe('succeeded');
      expect(run.result.text).toContain(`run ${n}`);
      expect(run.attempt).toBe(1);
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      expect(new Set(toolResults(events)).size).toBe(toolResults(events).length);
      expect(events.filter((event) => event.type === 'run.running')).toHaveLength(1);
      // What the agent did, it did once.
      const ticks = await stage.request('GET', `/runs/${id}/artifacts/ticks`);
      expect(ticks.body).toBe('1\n2\n3\n4\n');
    }
    const { dataDir, pid } = stage.server();
    const left = processesOf(dataDir).filter((line) => !line.startsWith(`${pid} `));
    expect(left).toEqual([]);
    expect(mountsOf(dataDir)).toEqual([]);
    // The made-up /etc that all places share is the executor's own.
    expect(readdirSync(`${dataDir}/runs`).filter((name) => !name.startsWith('.'))).toEqual([]);
  }, 240_000);
});

describe('SIGTERM of the server', () => {
  it('leaves the execution running, and the next server ends the run', async () => {
    const id = await stage.submit('[[demo:bash]] sleep 4; echo survived', { allowedTools: ['Bash'] });
    const started = async (): Promise<boolean> => (await stage.request('GET', `/runs/${id}`)).body.status === 'running';
    while (!(await started())) await new Promise((resolve) => setTimeout(resolve, 50));
    await stage.restart();
    const { run } = await stage.finish(id);
    expect(run).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(run.result.text).toContain('survived');
  }, 90_000);
});
