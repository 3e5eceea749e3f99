/** Answers that the gateway gives itself, in the form of the Messages API, so that every client understands them. */
import type { ServerResponse } from 'node:http';
import type { EndReason, Stop } from '../core/run.ts';

type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'api_error';

export interface Refusal {
  readonly status: number;
  readonly type: ErrorType;
  readonly message: string;
  /** Whether asking again can help. Where it cannot, the client is told so, or it would ask for minutes. */
  readonly retry: boolean;
  /** The end that the run is asked to come to before the answer leaves; null when it may go on. */
  readonly stop: { readonly reason: EndReason; readonly detail: string | null } | null;
}

/** Thrown to end a request with an answer of our own. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = 'RefusedError';
    this.refusal = refusal;
  }
}

const usd = (amount: number): string => `$${Number(amount.toFixed(6))}`;

/** Everything that the gateway says no to. */
export const REFUSALS = {
  notFound: (): Refusal => ({
    status: 404,
    type: 'not_found_error',
    message: 'Only POST /v1/messages and POST /v1/messages/count_tokens lead to the model.',
    retry: false,
    stop: null,
  }),
  /** One text for a wrong, a foreign and a late token: who holds none learns nothing. */
  badToken: (): Refusal => ({
    status: 401,
    type: 'authentication_error',
    message: 'The run token is not valid here. It is good for one run, and dies with it.',
    retry: false,
    stop: null,
  }),
  tooLarge: (limitBytes: number): Refusal => ({
    status: 413,
    type: 'request_too_large',
    message: `The request is larger than ${limitBytes} bytes. It was not sent to the model.`,
    retry: false,
    stop: null,
  }),
  tooMany: (limit: number): Refusal => ({
    status: 429,
    type: 'rate_limit_error',
    message: `This run has ${limit} requests in flight already. Wait for one to end.`,
    retry: true,
    stop: null,
  }),
  budgetReached: (spentUsd: number, budgetUsd: number): Refusal => ({
    status: 400,
    type: 'invalid_request_error',
    message: `This run has reached its budget of ${usd(budgetUsd)}. Raise limits.maxBudgetUsd to let it go further.`,
    retry: false,
    stop: { reason: 'budget_reached', detail: `about ${usd(spentUsd)} of ${usd(budgetUsd)}` },
  }),
  priceUnknown: (model: string): Refusal => ({
    status: 400,
    type: 'invalid_request_error',
    message: `This run has a budget, and the price of ${model} is not known. Choose another model, or lift the budget.`,
    retry: false,
    stop: { reason: 'model_price_unknown', detail: model },
  }),
  ending: (stop: Stop): Refusal => ({
    status: 400,
    type: 'invalid_request_error',
    message: `This run is being ended (${stop.reason}). The request was not sent to the model.`,
    retry: false,
    stop: null,
  }),
  closed: (): Refusal => ({
    status: 503,
    type: 'api_error',
    message: 'The way to the model was closed.',
    retry: true,
    stop: null,
  }),
  recordAway: (): Refusal => ({
    status: 503,
    type: 'api_error',
    message: "The run's record cannot be reached now. The request was not sent to the model.",
    retry: true,
    stop: null,
  }),
  notRecorded: (): Refusal => ({
    status: 503,
    type: 'api_error',
    message: 'What the answer cost could not be recorded, so the answer was withheld.',
    retry: true,
    stop: null,
  }),
  unreachable: (why: string): Refusal => ({
    status: 502,
    type: 'api_error',
    message: `The model service cannot be reached (${why}).`,
    retry: true,
    stop: null,
  }),
  silent: (seconds: number): Refusal => ({
    status: 502,
    type: 'api_error',
    message: `The model service was silent for ${seconds} s; the request was given up.`,
    retry: true,
    stop: null,
  }),
  redirected: (): Refusal => ({
    status: 502,
    type: 'api_error',
    message:
      'The model service answered with a redirect. ANTHROPIC_BASE_URL of the server must name the final address.',
    retry: false,
    stop: null,
  }),
  unreadable: (encoding: string): Refusal => ({
    status: 502,
    type: 'api_error',
    message: `The model service answered in the encoding ${encoding}, which was not asked for and cannot be metered.`,
    retry: false,
    stop: null,
  }),
} as const;

const bodyOf = (refusal: Refusal): string =>
  JSON.stringify({ type: 'error', error: { type: refusal.type, message: refusal.message } });

/** Answers with the refusal, when nothing was answered yet. */
export const refuse = (response: ServerResponse, refusal: Refusal): void => {
  if (response.headersSent || response.destroyed) return;
  const body = bodyOf(refusal);
  response.writeHead(refusal.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(refusal.retry ? {} : { 'x-should-retry': 'false' }),
    // What is left of a body that is too large is not read.
    ...(refusal.status === 413 ? { connection: 'close' } : {}),
  });
  response.end(body);
};

/** The refusal as the last event of a stream; the empty line ends an event that was cut. */
export const refusalEvent = (refusal: Refusal): string => `\n\nevent: error\ndata: ${bodyOf(refusal)}\n\n`;
