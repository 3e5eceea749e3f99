/** A model that stalls, breaks off or floods: each run ends soon and says what happened, and no other run suffers. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/server/stage.ts';

/** Far below the flood, far above what a server needs. */
const MEMORY_LIMIT_KB = 400_000;
const FLOOD_BYTES = 64_000_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

interface Expected {
  readonly status: string;
  readonly code?: string;
}

const TABLE: readonly (readonly [string, string, object, Expected])[] = [
  ['is silent before its answer', 'stall]]', { idleSeconds: 4 }, { status: 'timed_out', code: 'idle' }],
  ['falls silent in mid-answer', 'stall-stream]]', { idleSeconds: 6 }, { status: 'timed_out', code: 'idle' }],
  ['is silent until the deadline', 'stall]]', { timeoutSeconds: 6 }, { status: 'timed_out', code: 'deadline' }],
  ['breaks off once', 'cut]]', {}, { status: 'succeeded' }],
  ['breaks off always', 'cut-forever]]', {}, { status: 'failed', code: 'model_unavailable' }],
  ['reports an error in mid-answer always', 'stream-error]]', {}, { status: 'failed', code: 'model_unavailable' }],
  ['floods', `huge]] ${FLOOD_BYTES}`, { maxOutputBytes: 500_000 }, { status: 'failed', code: 'output' }],
];

describe('a model that', () => {
  it.concurrent.each(TABLE)(
    '%s leads to an honest end',
    async (_, scenario, limits, expected) => {
      const { run, events } = await stage.run(`[[demo:${scenario}`, { limits });
      const shown = JSON.stringify({ run, events: events.slice(-6) });
      expect({ status: run.status, code: run.error?.code }, shown).toEqual({ code: undefined, ...expected });
      if (expected.code !== undefined) expect(run.error.hint.length).toBeGreaterThan(20);
      expect(events.map((event) => event.seq)).toEqual(events.map((__, index) => index + 1));
      expect(events.filter((event) => event.type.startsWith(`run.${expected.status}`))).toHaveLength(1);
      // What broke off and came again is told once.
      if (expected.status === 'succeeded') {
        const told = events
          .filter((event) => event.type === 'agent.message')
          .map((event) => event.data.content[0].text);
        expect(told).toEqual([run.result.text]);
      }
    },
    90_000,
  );

  it.concurrent('does any of this holds up no other run', async () => {
    const { run } = await stage.run('[[demo:hello]]');
    expect(run.status).toBe('succeeded');
  }, 60_000);
});

it('the flood never was in the memory of the server', async () => {
  await stage.run(`[[demo:huge]] ${FLOOD_BYTES}`, { limits: { maxOutputBytes: 500_000 } });
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${stage.server().pid}/status`, 'utf8'))?.[1];
  expect(Number(peak)).toBeLessThan(MEMORY_LIMIT_KB);
}, 60_000);
