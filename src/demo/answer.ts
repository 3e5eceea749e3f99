/** Turns a turn of a script and the facts of a request into a message of the Messages API. */
import type { Json, JsonObject } from '../core/json.ts';
import { type RequestFacts, sha256 } from './request.ts';
import { sampleOf } from './sample.ts';
import { mapStrings, type Scenario, type ScriptBlock, type ScriptText, type Turn } from './scenario.ts';

/** A content block with the pace at which it is streamed. */
export interface AnswerBlock {
  readonly block:
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
    | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: JsonObject };
  readonly chunk: number;
  readonly delayMs: number;
}

export interface WireUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
}

export interface Answer {
  readonly id: string;
  readonly model: string;
  readonly blocks: readonly AnswerBlock[];
  readonly stopReason: string;
  readonly usage: WireUsage;
}

const MOST_GENERATED = 67_108_864;
const FILLER = 'The quick brown fox jumps over the lazy dog. ';

const generated = (bytes: number): string =>
  FILLER.repeat(Math.ceil(Math.min(bytes, MOST_GENERATED) / FILLER.length)).slice(0, Math.min(bytes, MOST_GENERATED));

/** Fills the placeholders in, once: what they bring in is not looked at again. */
const fillerOf = (facts: RequestFacts) => {
  const values: Readonly<Record<string, () => string>> = {
    prompt: () => facts.prompt,
    promptSha256: () => sha256(facts.prompt),
    promptBytes: () => String(Buffer.byteLength(facts.prompt)),
    argument: () => facts.argument,
    toolResult: () => facts.toolResult,
    cwd: () => facts.cwd,
    model: () => facts.model,
    turn: () => String(facts.turn),
  };
  return (text: string): string =>
    text.replace(/\{\{([a-zA-Z0-9]+)\}\}/g, (whole, name: string) => values[name]?.() ?? whole);
};

const textOf = (text: ScriptText, facts: RequestFacts): string => {
  if (typeof text === 'string') return fillerOf(facts)(text);
  const bytes = text.bytes === 'argument' ? Number.parseInt(facts.argument, 10) : text.bytes;
  return generated(Number.isFinite(bytes) ? Math.max(0, bytes) : 0);
};

const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const inputOf = (script: ScriptBlock & { type: 'tool' }, facts: RequestFacts): JsonObject => {
  const offered = facts.tools.find((tool) => tool.name === script.name);
  const input = script.input === 'sample' ? sampleOf(offered?.schema) : mapStrings(script.input, fillerOf(facts));
  return isJsonObject(input) ? input : {};
};

const blockOf = (script: ScriptBlock, facts: RequestFacts, id: string): AnswerBlock => {
  const pace = { chunk: Math.max(1, script.chunk ?? 24), delayMs: script.delayMs ?? 0 };
  switch (script.type) {
    case 'text':
      return { ...pace, block: { type: 'text', text: textOf(script.text, facts) } };
    case 'thinking':
      return {
        ...pace,
        block: { type: 'thinking', thinking: textOf(script.thinking, facts), signature: `demo-${id}` },
      };
    case 'tool':
      return { ...pace, block: { type: 'tool_use', id, name: script.name, input: inputOf(script, facts) } };
  }
};

/** The turn that answers a request, or null when the scenario has none for it. */
export const turnOf = (scenario: Scenario, facts: RequestFacts): Turn | null => {
  const offered = new Set(facts.tools.map((tool) => tool.name));
  const turns = scenario.turns.filter(
    (turn) =>
      (turn.needs ?? []).every((tool) => offered.has(tool)) && !(turn.unless ?? []).some((tool) => offered.has(tool)),
  );
  return turns[facts.turn] ?? turns.at(-1) ?? null;
};

/** The message. `nth` counts the repetitions of one request, so that each answer has ids of its own. */
export const answerOf = (turn: Turn, facts: RequestFacts, nth: number): Answer => {
  const key = sha256(`${facts.fingerprint} ${nth}`).slice(0, 20);
  const scripts = (turn.blocks ?? []).flatMap((script) => Array.from({ length: script.repeat ?? 1 }, () => script));
  const blocks = scripts.map((script, index) => blockOf(script, facts, `toolu_demo_${key}${index}`));
  const size = blocks.reduce((sum, { block }) => sum + JSON.stringify(block).length, 0);
  return {
    id: `msg_demo_${key}`,
    model: turn.model ?? 'demo',
    blocks,
    stopReason: turn.stopReason ?? (blocks.some(({ block }) => block.type === 'tool_use') ? 'tool_use' : 'end_turn'),
    usage: {
      input_tokens: facts.inputTokens,
      output_tokens: Math.max(1, Math.ceil(size / 4)),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      ...turn.usage,
    },
  };
};
