/** Random histories of a run: whatever is decided in whatever order, by whomever, the promises hold. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOW, newRun } from '../../test/contracts/stores/fixtures.ts';
import { failed, reading, recording, succeeded, withBudget } from '../../test/support/run-states.ts';
import { conclude } from './conclusion.ts';
import { isDomainError } from './errors.ts';
import { type RunEvent, TERMINAL_EVENT_TYPES } from './events.ts';
import { costOf, type MeterReading, usageOf } from './pricing.ts';
import { END_REASONS, isLive, isTerminal, type Run, TERMINAL_STATUSES } from './run.ts';
import {
  claim,
  type Decision,
  handOver,
  note,
  queue,
  record,
  recordUsage,
  renew,
  requestStop,
  settle,
  started,
  startFailed,
  TRANSITIONS,
} from './transitions.ts';
import { addCost, addUsage, type CostUsd, NO_USAGE } from './usage.ts';

/** One thing that somebody tries; `token` is the lease that they believe in, if that matters. */
interface Attempt {
  readonly name: string;
  readonly token: number | null;
  readonly reading: MeterReading | null;
  readonly decide: (run: Run, now: number) => Decision;
}

const attempt = (name: string, decide: Attempt['decide'], more: Partial<Attempt> = {}): Attempt => ({
  name,
  decide,
  token: null,
  reading: null,
  ...more,
});

const tokens = fc.integer({ min: 0, max: 6 });
const log = { type: 'log', data: { stream: 'slipway', level: 'info', text: 'x' } } as const;
const drafts = fc.array(fc.constant(log), { maxLength: 3 });
const refs = fc.constantFrom('place-1', 'place-2');
const denials = fc.uniqueArray(
  fc.constantFrom('t1', 't2', 't3').map((toolUseId) => ({ tool: 'Bash', toolUseId, input: {} })),
  { selector: (denial) => denial.toolUseId },
);
const conclusions = fc.oneof(
  fc.constant(succeeded),
  fc
    .constantFrom('failed' as const, 'timed_out' as const, 'cancelled' as const)
    .map((status) => ({ ...failed, status })),
  fc.constant(conclude.placeLost()),
);
const readings = fc
  .record({
    model: fc.constantFrom('claude-sonnet-4-5', 'claude-haiku-4-5', 'demo', 'unknown-model'),
    inputTokens: fc.nat(100_000),
    outputTokens: fc.nat(100_000),
    cacheReadTokens: fc.nat(1_000),
    cacheWrite5mTokens: fc.nat(1_000),
    cacheWrite1hTokens: fc.nat(1_000),
  })
  .map((parts) => reading(parts));

const fenced = tokens.chain((token) =>
  fc.oneof(
    fc.constant(attempt('renew', (run, now) => renew(run, token, 5_000, now), { token })),
    fc.constant(attempt('handOver', (run, now) => handOver(run, token, now), { token })),
    refs.map((ref) => attempt('started', (run, now) => started(run, token, ref, null, now), { token })),
    fc.constant(attempt('startFailed', (run, now) => startFailed(run, token, 'No.', null, now), { token })),
    fc
      .tuple(drafts, denials)
      .map(([events, found]) =>
        attempt('record', (run, now) => record(run, token, recording({ events, denials: found }), now), { token }),
      ),
    fc
      .tuple(conclusions, drafts, denials)
      .map(([conclusion, events, found]) =>
        attempt('settle', (run, now) => settle(run, token, conclusion, events, now, found), { token }),
      ),
  ),
);

const open = fc.oneof(
  fc
    .constantFrom('worker-1', 'worker-2')
    .map((holder) => attempt('claim', (run, now) => claim(run, holder, 5_000, now))),
  drafts.map((events) => attempt('note', (run, now) => note(run, events, now))),
  fc
    .constantFrom(...END_REASONS)
    .map((reason) => attempt('requestStop', (run, now) => requestStop(run, reason, null, now))),
  readings.map((read) => attempt('recordUsage', (run, now) => recordUsage(run, read, now), { reading: read })),
);

const histories = fc.record({
  budget: fc.option(fc.double({ min: 0, max: 3, noNaN: true }), { nil: null }),
  steps: fc.array(
    fc.record({
      wait: fc.constantFrom(0, 1, 1_000, 6_000, 60_000),
      attempt: fc.oneof({ weight: 3, arbitrary: fenced }, { weight: 2, arbitrary: open }),
    }),
    { maxLength: 60 },
  ),
});

/** Tries a decision. A refusal must be typed, and leave nothing behind. */
const tryOut = (run: Run, step: Attempt, now: number): Decision | null => {
  const before = structuredClone(run);
  try {
    const decision = step.decide(run, now);
    expect(run).toEqual(before);
    return decision;
  } catch (error) {
    expect(run).toEqual(before);
    if (isDomainError(error)) return null;
    throw error;
  }
};

const expectStep = (before: Run, step: Attempt, { run, events }: Decision): void => {
  if (step.token !== null) expect(isLive(before) && before.leaseToken === step.token).toBe(true);
  if (isTerminal(before)) expect(run).toEqual(before);
  if (run.state.status !== before.state.status) {
    expect(TRANSITIONS[before.state.status]).toContain(run.state.status);
  }
  expect(run.leaseToken - before.leaseToken).toBe(step.name === 'claim' ? 1 : 0);
  expect(run.attempt - before.attempt).toBe(events.filter(({ type }) => type === 'run.starting').length);
  if (before.stop !== null) expect(run.stop).toEqual(before.stop);
  expect(run.lastSeq - before.lastSeq).toBe(events.length);
};

const expectHistory = (run: Run, events: readonly RunEvent[]): void => {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(run.lastSeq).toBe(events.length);
  const terminal = events.filter(({ type }) => TERMINAL_EVENT_TYPES.includes(type));
  expect(terminal.length).toBe(isTerminal(run) ? 1 : 0);
  if (isTerminal(run)) expect(events.at(-1)?.type).toBe(`run.${run.state.status}`);
  expect(events.filter(({ type }) => type === 'run.stopping').length).toBe(run.stop === null ? 0 : 1);
  expect(new Set(run.permissionDenials.map(({ toolUseId }) => toolUseId)).size).toBe(run.permissionDenials.length);
};

describe('random histories', () => {
  it('keep the promises', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(histories, ({ budget, steps }) => {
        const first = queue(newRun(withBudget(budget)), NOW);
        let run = first.run;
        const events = [...first.events];
        let now = NOW;
        let tokenUsage = NO_USAGE;
        let costUsd: CostUsd = 0;
        for (const { wait, attempt: step } of steps) {
          now += wait;
          const decision = tryOut(run, step, now);
          if (decision === null) continue;
          expectStep(run, step, decision);
          if (step.reading !== null && isLive(run)) {
            tokenUsage = addUsage(tokenUsage, usageOf(step.reading));
            costUsd = addCost(costUsd, costOf(step.reading));
          }
          run = decision.run;
          events.push(...decision.events);
          reached.add(run.state.status);
        }
        expectHistory(run, events);
        expect(run.tokenUsage).toEqual(tokenUsage);
        expect(run.costUsd).toBe(costUsd);
      }),
      { numRuns: 3_000, seed: 20261124 },
    );
    // A property that never gets anywhere proves nothing.
    for (const status of TERMINAL_STATUSES) if (status !== 'skipped') expect(reached).toContain(status);
    expect(reached).toContain('running');
  });
});
