/** Brings runs into the states that tests need, by the decisions that bring them there in earnest. */
import { conclude } from '../../../src/core/conclusion.ts';
import type { Instant } from '../../../src/core/ids.ts';
import type { MeterReading } from '../../../src/core/pricing.ts';
import type { Run } from '../../../src/core/run.ts';
import {
  claim,
  type NewRun,
  queue,
  type Recording,
  record,
  recordUsage,
  settle,
  started,
} from '../../../src/core/transitions.ts';
import type { RunStore } from '../../../src/ports/run-store.ts';
import { NOW, newRun, SECOND } from './fixtures.ts';

export const LEASE_MS = 30 * SECOND;

/** A model's answer as metered. */
export const reading = (overrides: Partial<MeterReading> = {}): MeterReading => ({
  model: 'claude-haiku-4-5',
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  webSearches: 0,
  estimated: false,
  ...overrides,
});

/** Output that was read: one log line for each text. */
export const recording = (texts: readonly string[], upTo: number): Recording => ({
  events: texts.map((text) => ({ type: 'log', data: { stream: 'stderr', level: 'info', text } })),
  offset: { stdout: upTo, stderr: 0 },
  seen: { lines: upTo },
  model: null,
  denials: [],
});

export const insertRun = (runs: RunStore, overrides: Partial<NewRun> = {}, at: Instant = NOW): Promise<Run> =>
  runs.insert(queue(newRun(overrides), at), null);

export const claimRun = (runs: RunStore, run: Run, at: Instant = run.createdAt): Promise<Run> =>
  runs.update(run.id, (present) => claim(present, 'worker', LEASE_MS, at));

/** A run whose place has the job. */
export const runningRun = async (runs: RunStore, overrides: Partial<NewRun> = {}, at: Instant = NOW): Promise<Run> => {
  const run = await insertRun(runs, overrides, at);
  await claimRun(runs, run, at);
  return runs.update(run.id, (present) => started(present, present.leaseToken, `place-${run.id}`, null, at));
};

export const recordRun = (runs: RunStore, run: Run, texts: readonly string[], at: Instant = NOW): Promise<Run> =>
  runs.update(run.id, (present) => record(present, present.leaseToken, recording(texts, present.lastSeq), at));

/** Output in which the harness saw that `model` answers. */
export const answerRun = (runs: RunStore, run: Run, model: string, at: Instant = NOW): Promise<Run> =>
  runs.update(run.id, (present) =>
    record(present, present.leaseToken, { ...recording([], present.lastSeq), model }, at),
  );

export const meterRun = (runs: RunStore, run: Run, answer: Partial<MeterReading>, at: Instant = NOW): Promise<Run> =>
  runs.update(run.id, (present) => recordUsage(present, reading(answer), at));

export const endRun = (runs: RunStore, run: Run, at: Instant = NOW): Promise<Run> =>
  runs.update(run.id, (present) => settle(present, present.leaseToken, conclude.placeLost(), [], at));
