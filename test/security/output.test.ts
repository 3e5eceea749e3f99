/** What an agent's program may print: more than the server has room for, in lines that never end. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/server/stage.ts';

const PRELOAD = new URL('../support/server/agent-program.mjs', import.meta.url).href;
/** Does what its prompt says. */
const FLOOD = `#!/bin/sh
case "$(cat)" in *line*) head -c 150000000 /dev/zero | tr '\\0' a; echo ;; *) exec yes "$(head -c 1000 /dev/zero | tr '\\0' y)" ;; esac
`;
/** Less than the line has bytes. */
const GROWTH_KB = 120_000;

let stage: Stage;
let dir: string;
beforeAll(async () => {
  // Where the job's user may come, too.
  dir = mkdtempSync(join(tmpdir(), 'slipway-flood-'));
  const program = join(dir, 'flood');
  writeFileSync(program, FLOOD, { mode: 0o755 });
  stage = await openStage({ env: { NODE_OPTIONS: `--import ${PRELOAD}`, TEST_AGENT_PROGRAM: program } });
});
afterAll(async () => {
  await stage.close();
  rmSync(dir, { recursive: true });
});

const peakKb = (): number => {
  const status = readFileSync(`/proc/${stage.server().pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
};

describe('what an agent’s program prints without end', () => {
  it('is read in pieces, counted and cut: "yes" for ever, and a line of 150 MB', async () => {
    const before = peakKb();
    const line = await stage.run('line', { limits: { maxOutputBytes: 200_000_000, timeoutSeconds: 60 } });
    expect(line.run).toMatchObject({ status: 'failed', limitsHit: [] });
    const { body } = await stage.request('GET', `/runs/${line.run.id}/output`, undefined, { range: 'bytes=0-3' });
    expect(body).toBe('aaaa');
    const endless = await stage.run('yes', { limits: { maxOutputBytes: 1_000_000, timeoutSeconds: 60 } });
    expect(endless.run).toMatchObject({ status: 'failed', limitsHit: ['output'] });
    expect(JSON.stringify(line.events).length).toBeLessThan(500_000);
    expect(JSON.stringify(endless.events).length).toBeLessThan(5_000_000);
    expect(peakKb() - before).toBeLessThan(GROWTH_KB);
  }, 180_000);
});
