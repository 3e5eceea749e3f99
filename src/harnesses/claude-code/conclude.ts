/** The honest end of a run, from its memory and from how its execution ended. */
import { type Conclusion, conclude, STOP_MEANINGS } from '../../core/conclusion.ts';
import type { Json } from '../../core/json.ts';
import type { FailureCode, LimitHit, Run, RunFailure, RunResult, StopReason } from '../../core/run.ts';
import type { Exit } from '../../ports/executor.ts';
import type { Verdict } from '../../ports/harness.ts';
import { byStatus, type FailureMeaning, meaningOf } from './failures.ts';
import { schemaFault } from './output-schema.ts';
import { decodeSeen, type Seen, type SeenResult } from './seen.ts';

const KEPT = 'Events and changed files up to then were kept.';

/** What it means that a limit of the place was hit and the run failed. */
const LIMITS: { readonly [Hit in LimitHit]: { readonly message: string; readonly hint: string } } = {
  memory: {
    message: 'The run used up its memory, and its program was ended by that.',
    hint: `${KEPT} Raise limits.memoryMb, or give the agent less to hold at once.`,
  },
  processes: {
    message: 'The run could not start another process: its limit was reached.',
    hint: `${KEPT} Raise limits.maxProcesses, or let the agent do less in parallel.`,
  },
  output: { message: STOP_MEANINGS.output.message, hint: STOP_MEANINGS.output.hint },
  disk: {
    message: 'The run used up its disk space, or the disk of the server is almost full.',
    hint: `${KEPT} Raise limits.diskMb, let the agent write less, or give the server more space.`,
  },
  deadline: { message: STOP_MEANINGS.deadline.message, hint: STOP_MEANINGS.deadline.hint },
  idle: { message: STOP_MEANINGS.idle.message, hint: STOP_MEANINGS.idle.hint },
};

const HARD_LIMITS: readonly LimitHit[] = ['memory', 'processes', 'disk', 'output'];

const failed = (failure: RunFailure, stopReason: StopReason, exit: Exit, result: RunResult | null): Conclusion => ({
  status: 'failed',
  stopReason,
  limitsHit: exit.limitsHit,
  result,
  failure,
});

/** The result as far as it goes, for a run that failed in spite of it. */
const partial = (result: SeenResult | null): RunResult | null =>
  result === null || result.isError || result.text === '' ? null : { text: result.text, structured: null };

/** How the program ended, in words. */
const endingOf = (exit: Exit): string => {
  if (exit.signal !== null) return `was ended by signal ${exit.signal}`;
  return exit.code === null ? 'ended in an unknown way' : `ended with exit status ${exit.code}`;
};

const lastWords = (seen: Seen): string => {
  const lines = seen.stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? '' : ` Its last words: ${lines.slice(-5).join(' / ').slice(0, 1_000).toWellFormed()}`;
};

const fault = (code: FailureCode, message: string, hint: string): RunFailure => ({ code, message, hint });

const CHECK = `${KEPT} What the agent did is in its events; check, then retry the run.`;

/** The end of a program that left no result to believe. */
const withoutResult = (seen: Seen, exit: Exit): RunFailure => {
  if (exit.code === 0) return fault('no_result', `The agent program ended without a result.${lastWords(seen)}`, CHECK);
  return fault('harness_failed', `The agent program ${endingOf(exit)}, without a result.${lastWords(seen)}`, CHECK);
};

/** The end of a program that was still trying to get an answer from the model; null when it was not. */
const whileRetrying = (seen: Seen, exit: Exit): FailureMeaning | null => {
  if (seen.retry === null) return null;
  const { status, error } = seen.retry;
  const { code, stopReason, message, hint } = byStatus(status ?? 503);
  const trying = `The agent program ${endingOf(exit)} while it tried again (${status ?? 'no status'}, ${error}).`;
  return { stopReason, failure: fault(code, `${message} ${trying}`, hint) };
};

/** Why a run whose result says "no error" has failed all the same; null when it has succeeded. */
const objection = (run: Run, seen: Seen, result: SeenResult, exit: Exit): RunFailure | null => {
  if (exit.code !== 0 || exit.signal !== null) {
    const message = `The agent program reported success, but ${endingOf(exit)}.${lastWords(seen)}`;
    return fault('harness_failed', message, `${KEPT} Check the result, then retry the run.`);
  }
  if (seen.sessionId !== run.sessionId || (result.sessionId !== null && result.sessionId !== run.sessionId)) {
    const message = 'The result is of another session than the one that the run began.';
    return fault('harness_failed', message, `${KEPT} Retry the run.`);
  }
  if (result.subtype !== 'success') {
    const message = `The agent program ended with "${result.subtype}".${lastWords(seen)}`;
    return fault('harness_failed', message, `${KEPT} Retry the run.`);
  }
  if (result.turns === 0) {
    const message = `The agent program answered by itself, without asking the model: ${result.text.slice(0, 300).toWellFormed()}`;
    return fault(
      'harness_failed',
      message,
      'Put the prompt in other words, so that it is no command of the agent program.',
    );
  }
  if (result.text === '' && !seen.acted) {
    return fault('no_result', 'The model ended its turn without a word and without calling a tool.', 'Retry the run.');
  }
  return null;
};

/** What is wrong with the structured output that the task asks for; null when nothing is. */
const schemaObjection = (run: Run, result: SeenResult): RunFailure | null => {
  if (run.task.outputSchema === null) return null;
  const hint = 'The text of the answer was kept. Make the schema simpler, or describe the wanted output in the prompt.';
  if (!result.hasStructured) {
    const message = result.structuredLost
      ? 'The structured output is too large to be kept.'
      : 'The run ended without the structured output that its schema asks for.';
    return fault('output_schema_mismatch', message, hint);
  }
  const wrong = schemaFault(run.task.outputSchema, result.structured);
  return wrong === null
    ? null
    : fault('output_schema_mismatch', `The output does not satisfy its schema: ${wrong}`, hint);
};

/** A limit that was hit explains the end better than a program that says nothing of use. */
const withLimits = (failure: RunFailure, exit: Exit): RunFailure => {
  if (failure.code !== 'harness_failed' && failure.code !== 'no_result') return failure;
  const hit = HARD_LIMITS.find((limit) => exit.limitsHit.includes(limit));
  return hit === undefined ? failure : { code: hit, ...LIMITS[hit] };
};

const withoutResultOr = (seen: Seen, exit: Exit): Conclusion => {
  const plain = withoutResult(seen, exit);
  const limited = withLimits(plain, exit);
  const retrying = limited === plain ? whileRetrying(seen, exit) : null;
  return failed(retrying?.failure ?? limited, retrying?.stopReason ?? 'error', exit, null);
};

const hasDenials = (run: Run, seen: Seen): boolean => seen.denied.length > 0 || run.permissionDenials.length > 0;

const conclusionOf = (run: Run, seen: Seen, exit: Exit): Conclusion => {
  const result = seen.resultWithdrawn ? null : seen.result;
  if (exit.lost) return conclude.placeLost();
  if (exit.endedBy !== null) {
    const stop = run.stop ?? { reason: exit.endedBy, at: 0, detail: null };
    const stopped = conclude.stopped(stop, partial(result));
    return { ...stopped, limitsHit: [...new Set([...stopped.limitsHit, ...exit.limitsHit])] };
  }
  if (result === null) return withoutResultOr(seen, exit);
  if (result.isError) {
    const { failure, stopReason } = meaningOf(result);
    const honest = withLimits(failure, exit);
    return failed(honest, honest === failure ? stopReason : 'error', exit, null);
  }
  const wrong = objection(run, seen, result, exit);
  if (wrong !== null) return failed(withLimits(wrong, exit), 'error', exit, partial(result));
  const mismatch = schemaObjection(run, result);
  if (mismatch !== null) return failed(mismatch, 'error', exit, partial(result));
  return {
    status: 'succeeded',
    stopReason: hasDenials(run, seen) ? 'permission_denied' : 'end_turn',
    limitsHit: exit.limitsHit,
    result: { text: result.text, structured: run.task.outputSchema === null ? null : result.structured },
  };
};

/** What became of the run. Denials and truncations were told line by line, so no more events come here. */
export const concludeRun = (run: Run, seen: Json, exit: Exit): Verdict => ({
  conclusion: conclusionOf(run, decodeSeen(seen), exit),
  events: [],
  denials: [],
});
