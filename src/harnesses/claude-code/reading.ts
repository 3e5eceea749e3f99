/** Collects what a line says: the next memory, and events, deltas and denials in order. */
import type { Delta, EventDraft } from '../../core/events.ts';
import type { PermissionDenial } from '../../core/run.ts';
import type { Reading } from '../../ports/harness.ts';
import { clipText } from './clip.ts';
import { denialHint } from './denials.ts';
import { encodeSeen, MAX_DENIED, push, type Seen } from './seen.ts';
import { truncations } from './wire.ts';

/** One line's reading in the making. */
export interface Draft {
  seen: Seen;
  readonly events: EventDraft[];
  readonly deltas: Delta[];
  readonly denials: PermissionDenial[];
  model: string | null;
}

export const draftFrom = (seen: Seen): Draft => ({ seen, events: [], deltas: [], denials: [], model: null });

export const finished = (draft: Draft, before: Seen, json: Reading['seen']): Reading => ({
  seen: draft.seen === before ? json : encodeSeen(draft.seen),
  events: draft.events,
  deltas: draft.deltas,
  denials: draft.denials,
  model: draft.model,
});

/** A `log` event with the text, clipped. */
export const log = (
  draft: Draft,
  stream: 'stdout' | 'stderr' | 'slipway',
  level: 'info' | 'warn' | 'error',
  text: string,
): void => {
  const clipped = clipText(text);
  draft.events.push({ type: 'log', data: { stream, level, text: clipped.value } }, ...truncations('log', clipped));
};

/** Tells a denial, once a tool call. */
export const deny = (draft: Draft, denial: PermissionDenial, refusal: string): void => {
  if (draft.seen.denied.includes(denial.toolUseId)) return;
  draft.seen = { ...draft.seen, denied: push(draft.seen.denied, denial.toolUseId, MAX_DENIED) };
  draft.denials.push(denial);
  draft.events.push({
    type: 'agent.denied',
    data: { ...denial, hint: denialHint(denial.tool, denial.input, refusal) },
  });
};
