/** A harness whose program prints when it was started, and nothing else: what is left is the cost of Slipway itself. */
import type { Harness } from '../src/ports/harness.ts';

/** Prints the time in nanoseconds since 1970. */
export const PROGRAM = ['/usr/bin/date', '+%s%N'] as const;
/** The prompt of a run that stays until it is cancelled. */
export const STAY = 'stay';

export const createNoOpHarness = (): Harness => ({
  name: 'no-op',
  check: () => [],
  transcriptPath: () => 'none',
  plan: (run) => ({
    program: run.task.prompt === STAY ? '/usr/bin/sleep' : PROGRAM[0],
    args: run.task.prompt === STAY ? ['infinity'] : PROGRAM.slice(1),
    stdin: new Uint8Array(),
    env: {},
    files: [],
    keep: [],
  }),
  fresh: null,
  read: (_seen, line) => ({ seen: line.text, events: [], deltas: [], denials: [], model: null }),
  conclude: (_run, seen, exit) => ({
    conclusion:
      exit.code === 0
        ? {
            status: 'succeeded',
            stopReason: 'end_turn',
            limitsHit: [],
            result: { text: String(seen), structured: null },
          }
        : {
            status: 'failed',
            stopReason: 'error',
            limitsHit: exit.limitsHit,
            result: null,
            failure: {
              code: 'harness_failed',
              message: `The program ended with ${exit.code ?? exit.signal}.`,
              hint: null,
            },
          },
    events: [],
    denials: [],
  }),
});
