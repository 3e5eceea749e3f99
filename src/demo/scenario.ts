/**
 * The language of the demo model's scripts. All of it is plain JSON, so a script can live in a file.
 *
 * A scenario is a list of turns. Turn n answers the request that holds n assistant messages after the last plain user
 * prompt; the last turn answers all later ones. Nothing else is remembered (but for `times`), so parallel runs,
 * restarts and resumed sessions work. A prompt chooses its scenario by the marker `[[demo:NAME]]`; what stands behind
 * the marker is the scenario's argument. In every string of a turn these are filled in, once:
 *
 *   {{prompt}} {{promptSha256}} {{promptBytes}}   the last plain user prompt
 *   {{argument}}                                  what stands behind the marker; the whole prompt when there is none
 *   {{toolResult}}                                text of the newest tool result
 *   {{cwd}}                                       the agent's working directory, as its system prompt names it
 *   {{model}} {{turn}}                            model asked for; number of the turn, from 0
 */
import type { Json, JsonObject } from '../core/json.ts';

/** Text as written, or `bytes` of generated text; `bytes: "argument"` reads the number from the scenario's argument. */
export type ScriptText = string | { readonly bytes: number | 'argument' };

/** How a block is streamed. */
interface Pace {
  /** Characters a delta; 24 when left out. */
  readonly chunk?: number;
  /** Pause before each delta. */
  readonly delayMs?: number;
  /** The block this many times; 1 when left out. */
  readonly repeat?: number;
}

export type ScriptBlock =
  | ({ readonly type: 'text'; readonly text: ScriptText } & Pace)
  | ({ readonly type: 'thinking'; readonly thinking: ScriptText } & Pace)
  /** A tool call. `input: "sample"` makes the smallest value that the tool's own schema in the request allows. */
  | ({ readonly type: 'tool'; readonly name: string; readonly input: JsonObject | 'sample' } & Pace);

/** What goes wrong, and how often for one and the same request; without `times`, always. */
export type ScriptFault = { readonly times?: number } & (
  | {
      readonly kind: 'error';
      readonly status: number;
      /** Anthropic's error type; the usual one of the status when left out. */
      readonly type?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection breaks after so many stream events, or so many bytes of the body. */
  | { readonly kind: 'cut'; readonly afterEvents?: number; readonly afterBytes?: number }
  /** Silence, the connection open: before the headers, or after them and so many stream events. */
  | { readonly kind: 'stall'; readonly before: 'headers' }
  | { readonly kind: 'stall'; readonly before: 'event'; readonly event: number }
  /** An `error` event inside a stream that began well. */
  | { readonly kind: 'stream_error'; readonly afterEvents: number; readonly type: string; readonly message: string }
);

export interface ScriptUsage {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly cache_creation_input_tokens?: number;
  readonly cache_read_input_tokens?: number;
}

export interface Turn {
  /** The turn is left out when the request does not offer these tools. */
  readonly needs?: readonly string[];
  /** The turn is left out when the request offers one of these tools. */
  readonly unless?: readonly string[];
  readonly blocks?: readonly ScriptBlock[];
  /** `tool_use` when there is a tool call, else `end_turn`, when left out. */
  readonly stopReason?: string;
  /** What is left out is counted from the texts, about four bytes a token. */
  readonly usage?: ScriptUsage;
  /** Name that the answer carries; `demo` when left out. */
  readonly model?: string;
  readonly fault?: ScriptFault;
}

export interface Scenario {
  readonly about: string;
  readonly turns: readonly Turn[];
}

/** True when `value` is an object that is no array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces every string inside a JSON value. */
export const mapStrings = (value: Json, change: (text: string) => string): Json => {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)]));
};
