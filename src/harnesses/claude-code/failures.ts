/** What a failed result means, in our own words: code, stop reason, and a hint that helps. */
import type { FailureCode, RunFailure, StopReason } from '../../core/run.ts';
import type { SeenResult } from './seen.ts';

export interface FailureMeaning {
  readonly stopReason: StopReason;
  readonly failure: RunFailure;
}

export interface Template {
  readonly code: FailureCode;
  readonly stopReason: StopReason;
  readonly message: string;
  readonly hint: string;
}

const template = (code: FailureCode, message: string, hint: string, stopReason: StopReason = 'error'): Template => ({
  code,
  stopReason,
  message,
  hint,
});

const KEPT = 'Events and changed files up to then were kept.';

const CREDENTIALS = template(
  'model_credentials_refused',
  'The model service refused the credentials of this server.',
  'Set a valid ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN) for the server, check that it may use this model, and start it again.',
);
const USAGE = template(
  'usage_limited',
  'The model service refused further requests: a usage or rate limit is reached.',
  `${KEPT} Wait until the limit is lifted, or raise it with the provider, then retry the run.`,
  'usage_limited',
);
const CREDIT = template(
  'usage_limited',
  'The model service refused the request: its account has no credit left.',
  `${KEPT} Add credit with the provider, then retry the run.`,
  'usage_limited',
);
const UNAVAILABLE = template(
  'model_unavailable',
  'The model service could not be reached, or failed, and went on doing so.',
  `${KEPT} Retry the run in a while; if it persists, look at the provider's status and at ANTHROPIC_BASE_URL.`,
);
const REFUSED = template(
  'model_request_refused',
  'The model service refused the request.',
  'Retrying will not help. The message says what it did not accept; change the agent accordingly.',
);
const NO_MODEL = template(
  'model_request_refused',
  'The model service does not know the model, or this account may not use it.',
  "Set the agent's model to one that the service offers.",
);
const TOO_LARGE = template(
  'model_request_refused',
  'The request was too large for the model.',
  'Shorten the prompt, give the agent smaller files, or offer it fewer tools.',
);
const AGAINST_POLICY = template(
  'model_request_refused',
  'The model refused to answer.',
  'Put the request in other words, or choose another model.',
);
const TURNS = template(
  'max_turns',
  'The run reached its limit of model turns.',
  `${KEPT} Raise limits.maxTurns, or give the agent less to do.`,
  'max_turns',
);
const BUDGET = template(
  'budget_reached',
  'The run reached its budget.',
  `${KEPT} Raise limits.maxBudgetUsd to let it go further.`,
  'budget_reached',
);
const NO_STRUCTURE = template(
  'output_schema_mismatch',
  'The model did not give output that satisfies the schema, however often it was asked.',
  'Make the schema simpler, or describe the wanted output in the prompt.',
);
const HARNESS = template(
  'harness_failed',
  'The agent program failed.',
  `${KEPT} The run's log events may say more. Retry the run.`,
);

const TOO_LONG_ANSWER = template(
  'harness_failed',
  "The model's answer was longer than it may be.",
  `${KEPT} Let the agent work in smaller steps, or write long texts to files in pieces.`,
);
const INTERRUPTED = template(
  'harness_failed',
  'The agent program was interrupted before it was done.',
  `${KEPT} What the agent did is in its events; check, then retry the run.`,
);

const BY_SUBTYPE: Readonly<Record<string, Template>> = {
  error_max_turns: TURNS,
  error_max_budget_usd: BUDGET,
  error_max_structured_output_retries: NO_STRUCTURE,
};

/** By HTTP status, for what the text does not tell better. */
export const byStatus = (status: number): Template => {
  if (status === 401 || status === 403) return CREDENTIALS;
  if (status === 404) return NO_MODEL;
  if (status === 413) return TOO_LARGE;
  if (status === 429) return USAGE;
  if (status === 408 || status >= 500) return UNAVAILABLE;
  return status >= 400 ? REFUSED : HARNESS;
};

/** By text: the CLI gives no status for what it gave up trying, and one status for different things. */
const BY_TEXT: readonly (readonly [RegExp, Template])[] = [
  [/credit balance is too low|billing/i, CREDIT],
  [/prompt is too long|request too large|exceeds? the maximum size|context (?:window|length)/i, TOO_LARGE],
  [/(?:usage|session|weekly|daily|5-hour|opus|spend\w*) limit|limit reached|out of extra usage|hit your limit/i, USAGE],
  [
    /invalid api key|please run \/login|not logged in|oauth token|failed to authenticate|authentication_error/i,
    CREDENTIALS,
  ],
  [/output token maximum/i, TOO_LONG_ANSWER],
  [/usage policy|appears to violate/i, AGAINST_POLICY],
];

/** Only where there is no status: words of broken connections and busy services. */
const BY_TEXT_ALONE: readonly (readonly [RegExp, Template])[] = [
  [/overloaded|at capacity|\b5\d\d\b/i, UNAVAILABLE],
  [/connection|connect|ECONN|ENOTFOUND|EAI_AGAIN|socket|network|timed? ?out|fetch failed/i, UNAVAILABLE],
  [/rate limit|\b429\b/i, USAGE],
];

const templateFor = (result: SeenResult, text: string): Template => {
  const bySubtype = BY_SUBTYPE[result.subtype];
  if (bySubtype !== undefined) return bySubtype;
  if (result.stopReason === 'refusal') return AGAINST_POLICY;
  if (result.terminalReason.startsWith('aborted')) return INTERRUPTED;
  const isApiWord = result.subtype === 'success';
  const byText = isApiWord ? BY_TEXT.find(([pattern]) => pattern.test(text)) : undefined;
  if (byText !== undefined) return byText[1];
  if (result.apiStatus !== null) return byStatus(result.apiStatus);
  const alone = isApiWord ? BY_TEXT_ALONE.find(([pattern]) => pattern.test(text)) : undefined;
  return alone?.[1] ?? HARNESS;
};

const MAX_DETAIL = 600;

/** What a result with `is_error` means. */
export const meaningOf = (result: SeenResult): FailureMeaning => {
  const words = [...result.errors, result.text].filter((text) => text.trim() !== '' && !text.startsWith('[ede_'));
  const detail = words.join(' / ');
  const { code, stopReason, message, hint } = templateFor(result, detail);
  const quoted = detail === '' ? message : `${message} It said: ${detail.slice(0, MAX_DETAIL).toWellFormed()}`;
  return { stopReason, failure: { code, message: quoted, hint } };
};
