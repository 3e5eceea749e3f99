/** Why a turn has no answer. It is written into the user's message, and so is known for as long as the message is. */
import { z } from 'zod';
import { type ConversationMessageView, TURN_FAILURE_CODES } from '../api/conversation-schemas.ts';
import type { Message } from '../core/conversation.ts';
import type { JsonObject } from '../core/json.ts';
import type { FailureCode, Run } from '../core/run.ts';
import { wordsFor } from './words.ts';

const Failure = z.object({
  code: z.enum(TURN_FAILURE_CODES),
  message: z.string(),
  hint: z.string().nullable(),
});
export type TurnFailure = z.infer<typeof Failure>;

export const COULD_NOT_BEGIN: TurnFailure = {
  code: 'turn_failed',
  message: 'The server could not begin the turn.',
  hint: 'If it stays so, tell the operator: the server log has the cause.',
};
export const COULD_NOT_FILE: TurnFailure = {
  code: 'turn_failed',
  message: 'The server could not take in the answer.',
  hint: 'If it stays so, tell the operator: the server log has the cause.',
};
const UNKNOWN: TurnFailure = { code: 'turn_failed', message: 'The reason is not known any more.', hint: null };
const NO_FORM: TurnFailure = {
  code: 'output_schema_mismatch',
  message: 'Its answer did not have the form that it has to have.',
  hint: null,
};

/** What the end of a server in the middle of an answer looks like from within the run. */
const LIKE_BROKEN_OFF: ReadonlySet<FailureCode> = new Set([
  'harness_failed',
  'model_unavailable',
  'no_result',
  'output_schema_mismatch',
]);

/** @param run what was to answer the turn, and is over */
export const failureOfRun = ({ state, leaseToken }: Run): TurnFailure => {
  if (!('failure' in state)) return NO_FORM;
  const { code, message } = state.failure;
  // Hints of runs are for those who can change the run; of a turn nothing can be changed but its message.
  const isTakenOver = leaseToken > 1 && LIKE_BROKEN_OFF.has(code);
  if (code === 'place_lost' || isTakenOver) return { code: 'server_stopped', message, hint: null };
  return code === 'output_schema_mismatch' ? NO_FORM : state.failure;
};

/** The message, to be sent again. */
export const withFailure = (message: Message, failure: TurnFailure): Message => ({
  ...message,
  status: 'failed',
  data: { failure: { code: failure.code, message: failure.message, hint: failure.hint } } satisfies JsonObject,
});

/** What happened, what was kept and what to do, in the language of the message. */
export const showFailure = (message: Message): NonNullable<ConversationMessageView['error']> => {
  const read = Failure.safeParse(message.data?.failure);
  const failure = read.success ? read.data : UNKNOWN;
  return { code: failure.code, ...wordsFor(message.text).failed(failure) };
};
