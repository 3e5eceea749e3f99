/** A run in each of its states, brought there by the decisions themselves. */
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import type { MeterReading } from '../../src/core/pricing.ts';
import type { Run, RunStatus } from '../../src/core/run.ts';
import {
  claim,
  type NewRun,
  queue,
  type Recording,
  requestStop,
  settle,
  skip,
  started,
} from '../../src/core/transitions.ts';
import { NOW, newRun, task } from '../contracts/stores/fixtures.ts';

export const LEASE_MS = 30_000;
/** The token of the first lease, which every run below is live under. */
export const TOKEN = 1;
export const REF = 'place-1';

export const failure = { code: 'harness_failed', message: 'It fell over.', hint: 'Look at the log.' } as const;

export const succeeded = {
  status: 'succeeded',
  stopReason: 'end_turn',
  limitsHit: [],
  result: { text: 'Hello.', structured: null },
} as const;

export const failed = { status: 'failed', stopReason: 'error', limitsHit: ['memory'], result: null, failure } as const;

/** A run in the state; live ones under lease `TOKEN`, taken at `NOW`. */
export const runIn = (status: RunStatus, overrides: Partial<NewRun> = {}): Run => {
  const queued = queue(newRun(overrides), NOW).run;
  const starting = () => claim(queued, 'worker-1', LEASE_MS, NOW).run;
  const running = () => started(starting(), TOKEN, REF, null, NOW + 10).run;
  switch (status) {
    case 'queued':
      return queued;
    case 'skipped':
      return skip(newRun(overrides), 'An earlier run is still alive.', NOW).run;
    case 'starting':
      return starting();
    case 'running':
      return running();
    case 'succeeded':
      return settle(running(), TOKEN, succeeded, [], NOW + 20).run;
    case 'failed':
      return settle(running(), TOKEN, failed, [], NOW + 20).run;
    case 'timed_out':
      return settle(requestStop(running(), 'deadline', null, NOW + 15).run, TOKEN, failed, [], NOW + 20).run;
    case 'cancelled':
      return requestStop(queued, 'cancelled', null, NOW + 15).run;
  }
};

/** One million input tokens of Sonnet: three dollars. */
export const reading = (overrides: Partial<MeterReading> = {}): MeterReading => ({
  model: 'claude-sonnet-4-5-20250929',
  inputTokens: 1_000_000,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  webSearches: 0,
  estimated: false,
  ...overrides,
});

/** One line of output that was read. */
export const recording = (overrides: Partial<Recording> = {}): Recording => ({
  events: [{ type: 'log', data: { stream: 'stderr', level: 'info', text: 'working' } }],
  offset: { stdout: 0, stderr: 8 },
  seen: { lines: 1 },
  model: 'claude-sonnet-4-5-20250929',
  denials: [],
  ...overrides,
});

/** A task with a budget. */
export const withBudget = (maxBudgetUsd: number | null) => ({
  task: task({ limits: { ...DEFAULT_LIMITS, maxBudgetUsd } }),
});
