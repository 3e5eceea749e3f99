/** Reads `assistant` and `user` lines: what the model said and called, and what the tools answered. */
import type { Json } from '../../core/json.ts';
import { clipJson, clipText, MAX_VALUE_BYTES } from './clip.ts';
import { isRefusal } from './denials.ts';
import { type Draft, deny, log } from './reading.ts';
import { MAX_BLOCKS, MAX_CALL_BYTES, MAX_LINES, MAX_OPEN_CALLS, MAX_STREAMS, push, type Seen } from './seen.ts';
import { clipObject, objectOf, objectsOf, shortOf, stringOf, truncations, type Wire } from './wire.ts';

/** What the CLI says in the model's place, such as an API error. */
const SYNTHETIC = '<synthetic>';

/** Content blocks; a text in their place counts as one. */
const blocksOf = (content: unknown): readonly Wire[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : objectsOf(content);

/** FNV-1a over a block's JSON: enough to see that a line repeats what the one before it held. */
const fingerprint = (block: Wire): string => {
  let hash = 0x811c9dc5;
  const text = JSON.stringify(clipJson(block).value);
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return `${(hash >>> 0).toString(36)}.${text.length}`;
};

/**
 * The blocks of a line that were not told before. The CLI prints one line a block; a version that printed the message
 * so far in each line would begin with the blocks already told.
 */
const freshBlocks = (draft: Draft, id: string, blocks: readonly Wire[]): readonly Wire[] => {
  const prints = blocks.map(fingerprint);
  const known = draft.seen.message.id === id ? draft.seen.message.blocks : [];
  const repeats = known.length > 0 && prints.length > known.length && known.every((print, at) => prints[at] === print);
  const fresh = repeats ? blocks.slice(known.length) : blocks;
  const told = repeats ? prints : [...known, ...prints];
  draft.seen = { ...draft.seen, message: { id, blocks: told.slice(0, MAX_BLOCKS) } };
  return fresh;
};

/** False when a line with the same `uuid` was read; notes it otherwise. */
const isNewLine = (draft: Draft, line: Wire): boolean => {
  const uuid = shortOf(line.uuid);
  if (uuid === '') return true;
  if (draft.seen.lines.includes(uuid)) return false;
  draft.seen = { ...draft.seen, lines: push(draft.seen.lines, uuid, MAX_LINES) };
  return true;
};

/** A line of the conversation after a result line: that result was not the end. */
const goOn = (seen: Seen): Seen =>
  seen.result === null || seen.resultWithdrawn ? seen : { ...seen, resultWithdrawn: true };

/** A model answered: what was tried again has worked. */
const answered = (draft: Draft, model: string): void => {
  if (model !== '' && model !== SYNTHETIC) draft.model = model;
  if (draft.seen.retry !== null) draft.seen = { ...draft.seen, retry: null };
};

const readText = (draft: Draft, messageId: string, block: Wire): void => {
  const clipped = block.type === 'text' ? clipText(stringOf(block.text) ?? '') : clipObject(block);
  const content = typeof clipped.value === 'string' ? { type: 'text', text: clipped.value } : objectOf(clipped.value);
  if (clipped.value !== '') draft.seen = { ...draft.seen, acted: true };
  draft.events.push(
    { type: 'agent.message', data: { messageId, content: [clipObject(content).value] } },
    ...truncations('agent.message', clipped),
  );
};

const readToolUse = (draft: Draft, messageId: string, block: Wire): void => {
  const call = { id: shortOf(block.id), name: shortOf(block.name) };
  const input = clipObject(block.input);
  draft.events.push(
    { type: 'agent.tool_use', data: { messageId, ...call, input: input.value } },
    ...truncations('agent.tool_use', input),
  );
  const open = { ...call, input: clipObject(block.input, MAX_CALL_BYTES).value };
  draft.seen = { ...draft.seen, acted: true, openCalls: push(draft.seen.openCalls, open, MAX_OPEN_CALLS) };
};

const readThinking = (draft: Draft, messageId: string, text: string): void => {
  const clipped = clipText(text);
  draft.events.push(
    { type: 'agent.thinking', data: { messageId, thinking: clipped.value } },
    ...truncations('agent.thinking', clipped),
  );
};

/** Reads an `assistant` line. */
export const readAssistant = (draft: Draft, line: Wire): void => {
  if (!isNewLine(draft, line)) return;
  draft.seen = goOn(draft.seen);
  const message = objectOf(line.message);
  const id = shortOf(message.id);
  const model = shortOf(message.model);
  const blocks = blocksOf(message.content);
  if (model === SYNTHETIC) {
    for (const block of blocks) log(draft, 'stdout', 'error', stringOf(block.text) ?? '');
    return;
  }
  answered(draft, model);
  for (const block of freshBlocks(draft, id, blocks)) {
    if (block.type === 'tool_use') readToolUse(draft, id, block);
    else if (block.type === 'thinking') readThinking(draft, id, stringOf(block.thinking) ?? '');
    else if (block.type === 'redacted_thinking') readThinking(draft, id, '[redacted by the model service]');
    else readText(draft, id, block);
  }
};

/** The text of a tool result's content. */
const textOf = (content: Json): string => {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .map((block) => stringOf(block.text) ?? '')
    .join('\n');
};

const readToolResult = (draft: Draft, block: Wire): void => {
  const toolUseId = shortOf(block.tool_use_id);
  const isError = block.is_error === true;
  const content = clipJson(block.content ?? '', MAX_VALUE_BYTES);
  draft.events.push(
    { type: 'agent.tool_result', data: { toolUseId, isError, content: content.value } },
    ...truncations('agent.tool_result', content),
  );
  const call = draft.seen.openCalls.find(({ id }) => id === toolUseId);
  if (call === undefined) return;
  draft.seen = { ...draft.seen, openCalls: draft.seen.openCalls.filter(({ id }) => id !== toolUseId) };
  const text = textOf(content.value);
  if (isError && isRefusal(text)) deny(draft, { tool: call.name, toolUseId, input: call.input }, text);
};

/** Reads a `user` line: answers of tools, and words that the CLI put in. */
export const readUser = (draft: Draft, line: Wire): void => {
  if (!isNewLine(draft, line)) return;
  draft.seen = goOn(draft.seen);
  for (const block of blocksOf(objectOf(line.message).content)) {
    if (block.type === 'tool_result') readToolResult(draft, block);
    else log(draft, 'stdout', 'info', stringOf(block.text) ?? JSON.stringify(clipJson(block).value));
  }
};

/** Reads a `stream_event` line: pieces of a message while it is written. */
export const readStreamEvent = (draft: Draft, line: Wire): void => {
  draft.seen = goOn(draft.seen);
  const event = objectOf(line.event);
  const under = shortOf(line.parent_tool_use_id);
  if (event.type === 'message_start') {
    const message = objectOf(event.message);
    const others = Object.entries(draft.seen.streams).filter(([key]) => key !== under);
    const streams = Object.fromEntries([...others, [under, shortOf(message.id)]].slice(-MAX_STREAMS));
    draft.seen = { ...draft.seen, streams };
    answered(draft, shortOf(message.model));
  } else if (event.type === 'content_block_delta') {
    const piece = pieceOf(objectOf(event.delta));
    const messageId = draft.seen.streams[under];
    if (piece === null || messageId === undefined) return;
    draft.deltas.push({ messageId, kind: piece.kind, text: clipText(piece.text).value });
  }
};

const pieceOf = (delta: Wire): { kind: 'text' | 'thinking' | 'tool_input'; text: string } | null => {
  if (typeof delta.text === 'string') return { kind: 'text', text: delta.text };
  if (typeof delta.thinking === 'string') return { kind: 'thinking', text: delta.thinking };
  if (typeof delta.partial_json === 'string') return { kind: 'tool_input', text: delta.partial_json };
  return null;
};
