/** Every decision in every status: where it leads and which events it makes, or a typed refusal. */
import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/contracts/stores/fixtures.ts';
import { failed, LEASE_MS, REF, reading, recording, runIn, succeeded, TOKEN } from '../../test/support/run-states.ts';
import { type ErrorCode, isDomainError } from './errors.ts';
import { RUN_STATUSES, type Run, type RunStatus, TERMINAL_STATUSES } from './run.ts';
import {
  claim,
  type Decision,
  handOver,
  note,
  record,
  recordUsage,
  renew,
  requestStop,
  settle,
  started,
  startFailed,
  TRANSITIONS,
} from './transitions.ts';

const AT = NOW + LEASE_MS + 1_000;
const log = { type: 'log', data: { stream: 'slipway', level: 'warn', text: 'look' } } as const;

/** A code when the decision is refused; else the statuses and the types of events that follow. */
type Outcome = ErrorCode | { readonly to: RunStatus; readonly events: readonly string[] };

interface Row {
  readonly name: string;
  readonly decide: (run: Run) => Decision;
  readonly queued: Outcome;
  readonly starting: Outcome;
  readonly running: Outcome;
  /** The same in all five. */
  readonly over: Outcome | 'unchanged';
}

const to = (status: RunStatus, ...events: string[]): Outcome => ({ to: status, events });

const FENCED = { queued: 'lease_lost', over: 'lease_lost' } as const;

const ROWS: readonly Row[] = [
  {
    name: 'claim',
    decide: (run) => claim(run, 'worker-2', LEASE_MS, AT),
    queued: to('starting', 'run.starting'),
    starting: to('starting'),
    running: to('running'),
    over: 'conflict',
  },
  {
    name: 'renew',
    decide: (run) => renew(run, TOKEN, LEASE_MS, AT),
    starting: to('starting'),
    running: to('running'),
    ...FENCED,
  },
  {
    name: 'handOver',
    decide: (run) => handOver(run, TOKEN, AT),
    starting: to('starting'),
    running: to('running'),
    ...FENCED,
  },
  {
    name: 'started',
    decide: (run) => started(run, TOKEN, REF, null, AT),
    starting: to('running', 'run.running'),
    running: to('running'),
    ...FENCED,
  },
  {
    name: 'started elsewhere',
    decide: (run) => started(run, TOKEN, 'place-2', null, AT),
    starting: to('running', 'run.running'),
    running: 'illegal_transition',
    ...FENCED,
  },
  {
    name: 'startFailed',
    decide: (run) => startFailed(run, TOKEN, 'No room.', null, AT),
    starting: to('queued', 'run.queued'),
    running: 'illegal_transition',
    ...FENCED,
  },
  {
    name: 'record',
    decide: (run) => record(run, TOKEN, recording(), AT),
    starting: 'illegal_transition',
    running: to('running', 'log'),
    ...FENCED,
  },
  {
    name: 'recordUsage',
    decide: (run) => recordUsage(run, reading(), AT),
    queued: to('queued'),
    starting: to('starting', 'usage'),
    running: to('running', 'usage'),
    over: 'unchanged',
  },
  {
    name: 'note',
    decide: (run) => note(run, [log], AT),
    queued: to('queued'),
    starting: to('starting', 'log'),
    running: to('running', 'log'),
    over: 'unchanged',
  },
  {
    name: 'requestStop, cancelled',
    decide: (run) => requestStop(run, 'cancelled', null, AT),
    queued: to('cancelled', 'run.stopping', 'run.cancelled'),
    starting: to('starting', 'run.stopping'),
    running: to('running', 'run.stopping'),
    over: 'unchanged',
  },
  {
    name: 'settle as succeeded',
    decide: (run) => settle(run, TOKEN, succeeded, [log], AT),
    starting: 'illegal_transition',
    running: to('succeeded', 'log', 'run.succeeded'),
    ...FENCED,
  },
  ...(['failed', 'timed_out', 'cancelled'] as const).map(
    (status): Row => ({
      name: `settle as ${status}`,
      decide: (run) => settle(run, TOKEN, { ...failed, status }, [], AT),
      starting: to(status, `run.${status}`),
      running: to(status, `run.${status}`),
      ...FENCED,
    }),
  ),
];

const CASES = ROWS.flatMap((row) =>
  RUN_STATUSES.map((status) => {
    const live = status === 'queued' || status === 'starting' || status === 'running';
    const outcome = live ? row[status] : row.over === 'unchanged' ? to(status) : row.over;
    return { name: row.name, decide: row.decide, status, outcome };
  }),
);

const refusal = (decide: () => Decision): unknown => {
  try {
    return decide();
  } catch (error) {
    return isDomainError(error) ? error.code : error;
  }
};

describe('each decision in each status', () => {
  it.each(CASES)('$name of a run that is $status', ({ decide, status, outcome }) => {
    const run = runIn(status);
    const before = structuredClone(run);
    if (typeof outcome === 'string') {
      expect(refusal(() => decide(run))).toBe(outcome);
    } else {
      const decision = decide(run);
      expect(decision.run.state.status).toBe(outcome.to);
      expect(decision.events.map(({ type }) => type)).toEqual(outcome.events);
      expect(decision.events.map(({ seq }) => seq)).toEqual(outcome.events.map((_, index) => run.lastSeq + 1 + index));
      expect(decision.events.every(({ at }) => at === AT)).toBe(true);
      expect(decision.run.lastSeq).toBe(run.lastSeq + outcome.events.length);
    }
    expect(run).toEqual(before);
  });

  it.each(TERMINAL_STATUSES)('keeps a run that is %s the very same object where it does not refuse', (status) => {
    const run = runIn(status);
    for (const { decide, over } of ROWS) if (over === 'unchanged') expect(decide(run).run).toBe(run);
  });

  it('moves only along the table of transitions', () => {
    for (const { decide, status, outcome } of CASES) {
      if (typeof outcome === 'string' || outcome.to === status) continue;
      expect(TRANSITIONS[status]).toContain(decide(runIn(status)).run.state.status);
    }
  });
});
