/** Reads a Messages API request: which scenario it wants, and which turn of it. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../core/json.ts';
import { isObject } from './scenario.ts';

export interface OfferedTool {
  readonly name: string;
  readonly schema: unknown;
}

/** What a script can depend on. */
export interface RequestFacts {
  readonly scenario: string;
  readonly argument: string;
  readonly prompt: string;
  readonly turn: number;
  readonly toolResult: string;
  readonly cwd: string;
  readonly model: string;
  readonly stream: boolean;
  readonly maxTokens: number;
  readonly tools: readonly OfferedTool[];
  /** The newest proposal that the model made as a designer; null when there is none. */
  readonly lastProposal: JsonObject | null;
  /** The model has said something in this session. */
  readonly hasAnswered: boolean;
  /** Text of the system prompt. */
  readonly system: string;
  /** The same for every repetition of one request of one session. */
  readonly fingerprint: string;
  /** About the tokens of the input. */
  readonly inputTokens: number;
}

const MARKER = /\[\[demo:([a-z0-9-]+)\]\][ \t]?(?:\r?\n)?/;
const WORKING_DIRECTORY = /working directory: (\/[^\n]*)/i;

const texts = (content: unknown): string[] => {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((block) =>
    isObject(block) && block.type === 'text' && typeof block.text === 'string' ? [block.text] : [],
  );
};

const blocksOf = (content: unknown, type: string): Record<string, unknown>[] =>
  Array.isArray(content) ? content.filter(isObject).filter((block) => block.type === type) : [];

/** Beginnings of what the CLI, or Slipway's harness, adds to a conversation by itself. */
const OWN_WORDS = [
  '<system-reminder>',
  '<task-notification>',
  'You MUST call the StructuredOutput',
  '[structured-output-enforce]',
  'Output token limit hit.',
  '[Your previous response had no visible output',
  '[Request interrupted',
  '(End of the request.',
  'Continue from where you left off.',
];

const isOwnWord = (text: string): boolean =>
  text.trim() === '' || OWN_WORDS.some((word) => text.trimStart().startsWith(word));

const promptOf = (message: Record<string, unknown>): string | null => {
  if (message.role !== 'user' || blocksOf(message.content, 'tool_result').length > 0) return null;
  const own = texts(message.content).filter((text) => !isOwnWord(text));
  return own.length === 0 ? null : own.join('\n');
};

const newestToolResult = (messages: readonly Record<string, unknown>[]): string => {
  const results = messages.flatMap((message) => blocksOf(message.content, 'tool_result'));
  return texts(results.at(-1)?.content).join('\n');
};

const newestProposal = (messages: readonly Record<string, unknown>[]): JsonObject | null => {
  const calls = messages.flatMap((message) => blocksOf(message.content, 'tool_use'));
  const proposals = calls.flatMap(({ input }) => (isObject(input) && isObject(input.proposal) ? [input.proposal] : []));
  return (proposals.at(-1) ?? null) as JsonObject | null;
};

const toolsOf = (tools: unknown): OfferedTool[] =>
  Array.isArray(tools)
    ? tools.filter(isObject).map((tool) => ({ name: String(tool.name), schema: tool.input_schema }))
    : [];

const sessionOf = (body: Record<string, unknown>): unknown =>
  isObject(body.metadata) ? body.metadata.user_id : undefined;

/** The facts of a request body. `session` tells apart two sessions that ask the same. */
export const readRequest = (body: Record<string, unknown>, session: string | null): RequestFacts => {
  const messages = Array.isArray(body.messages) ? body.messages.filter(isObject) : [];
  const at = messages.findLastIndex((message) => promptOf(message) !== null);
  const prompt = (at < 0 ? null : promptOf(messages[at] ?? {})) ?? '';
  const marker = MARKER.exec(prompt);
  const system = texts(body.system).join('\n');
  const content = JSON.stringify(messages);
  const size = content.length + system.length + JSON.stringify(body.tools ?? []).length;
  return {
    scenario: marker?.[1] ?? 'default',
    argument: marker === null ? prompt : prompt.slice(marker.index + marker[0].length),
    prompt,
    turn: messages.slice(at + 1).filter((message) => message.role === 'assistant').length,
    toolResult: newestToolResult(messages),
    cwd: WORKING_DIRECTORY.exec(`${system}\n${content.replaceAll('\\n', '\n')}`)?.[1]?.trim() ?? '/workspace',
    model: typeof body.model === 'string' ? body.model : '',
    stream: body.stream === true,
    maxTokens: typeof body.max_tokens === 'number' ? body.max_tokens : 0,
    tools: toolsOf(body.tools),
    lastProposal: newestProposal(messages),
    hasAnswered: messages.some((message) => message.role === 'assistant'),
    system,
    fingerprint: sha256(JSON.stringify([session ?? sessionOf(body) ?? null, body.model, content])),
    inputTokens: Math.ceil(size / 4),
  };
};

/** SHA-256 of a text's UTF-8 bytes, hex. */
export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
