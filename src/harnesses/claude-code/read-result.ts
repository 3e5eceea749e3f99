/**
 * Reads `result` lines, and decides whether to believe them. The agent's tools run beside the CLI as the same user and
 * can write to its output, so a line that says "result" proves little by itself:
 *
 *   - success needs an init line before it, and the session of that line; a failure needs neither, for the CLI can
 *     fail before it begins, and nobody gains by it;
 *   - the conversation going on after it takes it back, so one that is printed early counts for nothing (and the CLI
 *     itself prints a result before it goes on when a background command ends);
 *   - one that follows another directly is not believed, unless it says that the run failed.
 *
 * What remains: a tool that prints a result and then ends the CLI by SIGINT, which makes it exit 0, or a background
 * process that prints one in the moment between the model's last word and the CLI's own line. Either is the agent
 * speaking well of itself, which it could do in its answer, too. What it costs is metered elsewhere.
 */
import type { Json } from '../../core/json.ts';
import { clipJson, clipText } from './clip.ts';
import { type Draft, deny, log } from './reading.ts';
import { MAX_RESULT_BYTES, type Seen, type SeenResult } from './seen.ts';
import {
  clipObject,
  listOf,
  numberOf,
  objectOf,
  objectsOf,
  shortOf,
  stringOf,
  truncations,
  type Wire,
} from './wire.ts';

const MAX_ERRORS = 8;
const MAX_ERROR_BYTES = 4_096;

/** Why a result line is not believed; null when it is. */
const doubt = (seen: Seen, line: Wire, isCut: boolean): string | null => {
  if (typeof line.subtype !== 'string' || typeof line.is_error !== 'boolean') return 'it does not have the form of one';
  // In a line that was cut these come behind the result's text, and are lost with it.
  const sessionId = stringOf(line.session_id);
  if (!isCut && (sessionId === null || typeof line.uuid !== 'string')) return 'it does not have the form of one';
  if (line.is_error)
    return seen.result !== null && !seen.resultWithdrawn && seen.result.isError ? 'there was one' : null;
  if (seen.sessionId === null) return 'the session had not begun';
  if (sessionId !== null && sessionId !== seen.sessionId) return 'it is of another session';
  if (seen.result !== null && !seen.resultWithdrawn) return 'there was one';
  return null;
};

const structuredOf = (line: Wire): { structured: Json | null; hasStructured: boolean; structuredLost: boolean } => {
  if (!('structured_output' in line) || line.structured_output === undefined) {
    return { structured: null, hasStructured: false, structuredLost: false };
  }
  const clipped = clipJson(line.structured_output, MAX_RESULT_BYTES);
  const isWhole = clipped.lostBytes === 0;
  return { structured: isWhole ? clipped.value : null, hasStructured: isWhole, structuredLost: !isWhole };
};

/** Reads a `result` line; `isCut` when its end is missing. */
export const readResult = (draft: Draft, line: Wire, isCut: boolean): void => {
  const reason = doubt(draft.seen, line, isCut);
  if (reason !== null) {
    log(draft, 'slipway', 'warn', `A result line was not believed, since ${reason}.`);
    return;
  }
  const text = clipText(stringOf(line.result) ?? '', MAX_RESULT_BYTES);
  const result: SeenResult = {
    isError: line.is_error === true,
    subtype: shortOf(line.subtype),
    text: text.value,
    turns: numberOf(line.num_turns),
    apiStatus: numberOf(line.api_error_status),
    stopReason: line.stop_reason === null || line.stop_reason === undefined ? null : shortOf(line.stop_reason),
    terminalReason: shortOf(line.terminal_reason),
    errors: listOf(line.errors)
      .slice(0, MAX_ERRORS)
      .map(
        (error) =>
          clipText(typeof error === 'string' ? error : JSON.stringify(clipJson(error).value), MAX_ERROR_BYTES).value,
      ),
    ...structuredOf(line),
    sessionId: line.session_id === undefined ? null : shortOf(line.session_id),
  };
  draft.seen = { ...draft.seen, result, resultWithdrawn: false };
  draft.events.push(...truncations('result', text));
  for (const denial of objectsOf(line.permission_denials)) {
    const denied = { tool: shortOf(denial.tool_name), toolUseId: shortOf(denial.tool_use_id) };
    deny(draft, { ...denied, input: clipObject(objectOf(denial.tool_input)).value }, '');
  }
};
