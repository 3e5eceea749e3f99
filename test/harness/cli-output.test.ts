/** The real CLI's output: whole in a file, not in a pipe; and lines of any size are borne. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventDraft } from '../../src/core/events.ts';
import type { DemoModel } from '../../src/demo/server.ts';
import { openDemoModel } from '../../src/demo/server.ts';
import { MAX_VALUE_BYTES } from '../../src/harnesses/claude-code/clip.ts';
import { environmentOf, harness, judge, openDesk, runClaude } from './claude-process.ts';
import { ended, sampleRun } from './sample-run.ts';

const CLAUDE = fileURLToPath(new URL('../../node_modules/.bin/claude', import.meta.url));
const BYTES = 6_000_000;

let model: DemoModel;
beforeAll(async () => {
  model = await openDemoModel();
});
afterAll(() => model.close());

/** Runs the CLI with its output in a pipe that nobody reads before it has ended. */
const throughSlowPipe = async (): Promise<{ code: number | null; stdout: string }> => {
  const desk = await openDesk();
  try {
    const plan = harness.plan(sampleRun({ prompt: `[[demo:huge]]${BYTES}` }), null);
    const child = spawn(CLAUDE, plan.args, {
      cwd: desk.workspace,
      env: environmentOf(desk, model.url, plan),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.end(plan.stdin);
    const [code] = await once(child, 'exit');
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk);
    return { code, stdout: Buffer.concat(chunks).toString('utf8') };
  } finally {
    await desk.remove();
  }
};

const sizeOf = (event: EventDraft): number => Buffer.byteLength(JSON.stringify(event));

describe('output of the real CLI', () => {
  it('is whole in a file, and its size is borne', async () => {
    const run = sampleRun({ prompt: `[[demo:huge]]${BYTES}` });
    const ending = await runClaude(model.url, run);
    const { conclusion, readings } = judge(run, ending);
    expect(ending.code).toBe(0);
    expect(ending.stdout.length).toBeGreaterThan(2 * BYTES);
    expect(conclusion.status).toBe('succeeded');
    expect(conclusion.result?.text.length).toBeGreaterThan(200_000);
    const events = readings.flatMap((reading) => reading.events);
    expect(Math.max(...events.map(sizeOf))).toBeLessThan(MAX_VALUE_BYTES + 32_768);
    const truncated = events.filter((event) => event.type === 'truncated').map((event) => event.data);
    expect(truncated).toMatchObject([{ what: 'agent.message' }, { what: 'result' }]);
    for (const { bytes } of truncated) expect(bytes).toBeGreaterThanOrEqual(BYTES);
  });

  it('loses its end in a slow pipe, with exit status 0, and that is no success', async () => {
    const { code, stdout } = await throughSlowPipe();
    expect(code).toBe(0);
    expect(stdout).not.toContain('"type":"result"');
    let seen = harness.fresh;
    for (const text of stdout.split('\n')) seen = harness.read(seen, { stream: 'stdout', text, cutBytes: 0 }).seen;
    const { conclusion } = harness.conclude(sampleRun(), seen, ended({ code }));
    expect(conclusion).toMatchObject({ status: 'failed', failure: { code: 'no_result' } });
  });

  it('is read as well when its long lines are cut, the result line among them', async () => {
    const run = sampleRun({ prompt: '[[demo:huge]]400000' });
    const ending = await runClaude(model.url, run);
    const limit = 100_000;
    let seen = harness.fresh;
    const events: EventDraft[] = [];
    for (const whole of ending.stdout.split('\n')) {
      const bytes = Buffer.from(whole);
      const text = bytes.subarray(0, limit).toString('utf8');
      const reading = harness.read(seen, { stream: 'stdout', text, cutBytes: Math.max(0, bytes.length - limit) });
      seen = reading.seen;
      events.push(...reading.events);
    }
    const { conclusion } = harness.conclude(run, seen, ended({ code: ending.code }));
    expect(conclusion.status).toBe('succeeded');
    expect(conclusion.result?.text.length).toBeGreaterThan(90_000);
    expect(
      events.filter((event) => event.type === 'truncated' && event.data.what === 'line of output').length,
    ).toBeGreaterThanOrEqual(2);
  });
});
