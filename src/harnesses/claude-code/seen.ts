/** What is remembered of the lines read so far: JSON of bounded size, stored together with the read offset. */
import type { Json, JsonObject } from '../../core/json.ts';
import { isJsonObject, isWire, listOf, numberOf, objectsOf, stringOf } from './wire.ts';

/** The result line, as far as it matters. */
export interface SeenResult {
  readonly isError: boolean;
  readonly subtype: string;
  readonly text: string;
  /** The model's turns that the CLI counted; null when the line did not say. */
  readonly turns: number | null;
  readonly apiStatus: number | null;
  readonly stopReason: string | null;
  /** Why the CLI's loop ended, in its words; "" when it did not say. */
  readonly terminalReason: string;
  readonly errors: readonly string[];
  /** Null when there was none, or when it was too large to keep; `structuredLost` tells which. */
  readonly structured: Json | null;
  readonly hasStructured: boolean;
  readonly structuredLost: boolean;
  readonly sessionId: string | null;
}

/** A tool call without its answer yet. */
export interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

export interface Seen {
  /** Session of the first init line; null before it. */
  readonly sessionId: string | null;
  readonly result: SeenResult | null;
  /** The conversation went on after the result line, so that was not the end. */
  readonly resultWithdrawn: boolean;
  /** The model said something or called a tool. */
  readonly acted: boolean;
  readonly openCalls: readonly OpenCall[];
  /** Ids of the tool calls whose denial was told. */
  readonly denied: readonly string[];
  /** Message being streamed, by the tool call that it runs under; "" for the main conversation. */
  readonly streams: Readonly<Record<string, string>>;
  /** The newest message that came whole, and how many of its blocks were told, with their fingerprints. */
  readonly message: { readonly id: string; readonly blocks: readonly string[] };
  /** `uuid` of the newest lines, to know a repetition. */
  readonly lines: readonly string[];
  readonly stderr: string;
  /** The newest word on a request that is tried again. */
  readonly retry: { readonly status: number | null; readonly error: string } | null;
}

export const FRESH: Seen = {
  sessionId: null,
  result: null,
  resultWithdrawn: false,
  acted: false,
  openCalls: [],
  denied: [],
  streams: {},
  message: { id: '', blocks: [] },
  lines: [],
  stderr: '',
  retry: null,
};

export const MAX_OPEN_CALLS = 16;
export const MAX_CALL_BYTES = 8_192;
export const MAX_DENIED = 1_000;
export const MAX_LINES = 32;
export const MAX_STREAMS = 16;
export const MAX_BLOCKS = 256;
export const MAX_STDERR = 4_096;
export const MAX_RESULT_BYTES = 262_144;

/** For the store. */
export const encodeSeen = (seen: Seen): Json => ({
  ...seen,
  result: seen.result && { ...seen.result },
  retry: seen.retry && { ...seen.retry },
  openCalls: seen.openCalls.map((call) => ({ ...call })),
});

const strings = (value: unknown): string[] => listOf(value).filter((item) => typeof item === 'string');

const resultFrom = (value: unknown): SeenResult | null => {
  if (!isWire(value)) return null;
  return {
    isError: value.isError !== false,
    subtype: stringOf(value.subtype) ?? '',
    text: stringOf(value.text) ?? '',
    turns: numberOf(value.turns),
    apiStatus: numberOf(value.apiStatus),
    stopReason: stringOf(value.stopReason),
    terminalReason: stringOf(value.terminalReason) ?? '',
    errors: strings(value.errors),
    // Written by `encodeSeen`, so it is JSON.
    structured: (value.structured ?? null) as Json,
    hasStructured: value.hasStructured === true,
    structuredLost: value.structuredLost === true,
    sessionId: stringOf(value.sessionId),
  };
};

const openCallsFrom = (value: unknown): OpenCall[] =>
  objectsOf(value).map((call) => ({
    id: stringOf(call.id) ?? '',
    name: stringOf(call.name) ?? '',
    input: isJsonObject(call.input) ? call.input : {},
  }));

const streamsFrom = (value: unknown): Record<string, string> =>
  isWire(value)
    ? Object.fromEntries(Object.entries(value).flatMap(([key, id]) => (typeof id === 'string' ? [[key, id]] : [])))
    : {};

/** From the store. What does not have the form is forgotten, never an error. */
export const decodeSeen = (json: Json): Seen => {
  if (!isWire(json)) return FRESH;
  const message = isWire(json.message) ? json.message : {};
  return {
    sessionId: stringOf(json.sessionId),
    result: resultFrom(json.result),
    resultWithdrawn: json.resultWithdrawn === true,
    acted: json.acted === true,
    openCalls: openCallsFrom(json.openCalls),
    denied: strings(json.denied),
    streams: streamsFrom(json.streams),
    message: { id: stringOf(message.id) ?? '', blocks: strings(message.blocks) },
    lines: strings(json.lines),
    stderr: stringOf(json.stderr) ?? '',
    retry: isWire(json.retry) ? { status: numberOf(json.retry.status), error: stringOf(json.retry.error) ?? '' } : null,
  };
};

/** Adds to the end of a list that keeps only its newest `most` items. */
export const push = <Item>(list: readonly Item[], item: Item, most: number): readonly Item[] =>
  [...list, item].slice(-most);
