/** What became of an execution: the verdict that a harness reaches, and the ones that need no harness. */
import type { EndReason, LimitHit, RunFailure, RunResult, Stop, StopReason } from './run.ts';

export type Conclusion = { readonly stopReason: StopReason; readonly limitsHit: readonly LimitHit[] } & (
  | { readonly status: 'succeeded'; readonly result: RunResult }
  | {
      readonly status: 'failed' | 'timed_out' | 'cancelled';
      readonly result: RunResult | null;
      readonly failure: RunFailure;
    }
);

interface StopMeaning {
  readonly status: 'failed' | 'timed_out' | 'cancelled';
  readonly stopReason: StopReason;
  readonly limitsHit: readonly LimitHit[];
  readonly message: string;
  readonly hint: string;
}

/** What each reason for an end means to the user. */
export const STOP_MEANINGS: { readonly [Reason in EndReason]: StopMeaning } = {
  cancelled: {
    status: 'cancelled',
    stopReason: 'cancelled',
    limitsHit: [],
    message: 'The run was cancelled.',
    hint: 'Events and changed files up to then were kept. Retry the run to do it again.',
  },
  deadline: {
    status: 'timed_out',
    stopReason: 'deadline',
    limitsHit: ['deadline'],
    message: 'The run reached its time limit.',
    hint: 'Events and changed files up to then were kept. Raise limits.timeoutSeconds, or give the agent less to do.',
  },
  idle: {
    status: 'timed_out',
    stopReason: 'idle',
    limitsHit: ['idle'],
    message: 'The run printed nothing for longer than it may.',
    hint: 'Events and changed files up to then were kept. Raise limits.idleSeconds if long silence is normal for this agent.',
  },
  output: {
    status: 'failed',
    stopReason: 'error',
    limitsHit: ['output'],
    message: 'The run printed more than it may.',
    hint: 'The output up to the limit was kept. Raise limits.maxOutputBytes, or let the agent write to a file.',
  },
  budget_reached: {
    status: 'failed',
    stopReason: 'budget_reached',
    limitsHit: [],
    message: 'The run reached its budget.',
    hint: 'Events and changed files up to then were kept. Raise limits.maxBudgetUsd to let it go further.',
  },
  model_credentials_refused: {
    status: 'failed',
    stopReason: 'error',
    limitsHit: [],
    message: 'The model service refused the credentials of this server.',
    hint: 'Set a valid ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN) for the server and start it again.',
  },
  model_price_unknown: {
    status: 'failed',
    stopReason: 'error',
    limitsHit: [],
    message: 'The run has a budget, and the price of the model that answered is not known.',
    hint: 'Choose a model from the price table, or remove limits.maxBudgetUsd.',
  },
};

/** Verdicts that need no harness. */
export const conclude = {
  /** Ended by our own wish. */
  stopped: (stop: Stop, result: RunResult | null): Conclusion => {
    const meaning = STOP_MEANINGS[stop.reason];
    const message = stop.detail === null ? meaning.message : `${meaning.message} (${stop.detail})`;
    return {
      status: meaning.status,
      stopReason: meaning.stopReason,
      limitsHit: meaning.limitsHit,
      result,
      failure: { code: stop.reason, message, hint: meaning.hint },
    };
  },
  /** The run was not let begin. */
  refused: (failure: RunFailure): Conclusion => failed(failure),
  /** The place would not take the job. */
  placeFailed: (message: string, hint: string | null): Conclusion =>
    failed({ code: 'place_failed', message, hint: hint ?? 'Nothing was executed. Retry the run.' }),
  /** A part of the isolation is missing, so the job was not let in. */
  isolationUnavailable: (message: string, hint: string | null): Conclusion =>
    failed({ code: 'isolation_unavailable', message, hint: hint ?? 'Run `npm run doctor` for what mends it.' }),
  /** Nobody who has its executor came back to it before nothing of it could be alive. */
  abandoned: (executor: string): Conclusion =>
    failed({
      code: 'place_lost',
      message: `No server with the executor "${executor}", where the run was begun, has looked after it, and its time is long over.`,
      hint: `Events up to then were kept; what the agent did after them is not known. Check, start a server with SLIPWAY_EXECUTOR=${executor}, or retry the run.`,
    }),
  /** The place is gone, and with it the knowledge of how the execution ended. */
  placeLost: (): Conclusion =>
    failed({
      code: 'place_lost',
      message:
        'The place that the run was executing in is gone (the machine was restarted, or its files were removed).',
      hint: 'Events up to then were kept; what the agent did after them is not known. Check, then retry the run.',
    }),
};

const failed = (failure: RunFailure): Conclusion => ({
  status: 'failed',
  stopReason: 'error',
  limitsHit: [],
  result: null,
  failure,
});
