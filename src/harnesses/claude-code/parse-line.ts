/** Reads one line of the CLI's output. Pure, and for any line whatsoever: what is not understood is kept as `log`. */
import type { Json } from '../../core/json.ts';
import type { OutputLine, Reading } from '../../ports/harness.ts';
import { parseCutJson } from './broken-json.ts';
import { clipJson, tailOf } from './clip.ts';
import { readAssistant, readStreamEvent, readUser } from './read-message.ts';
import { readResult } from './read-result.ts';
import { type Draft, draftFrom, finished, log } from './reading.ts';
import { decodeSeen, MAX_STDERR } from './seen.ts';
import { isWire, listOf, numberOf, shortOf, type Wire } from './wire.ts';

const MAX_NAMES = 1_000;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const readInit = (draft: Draft, line: Wire): void => {
  const sessionId = shortOf(line.session_id);
  // The CLI begins anew, in the same session, when a background command wakes it.
  if (draft.seen.sessionId !== null) return;
  draft.seen = { ...draft.seen, sessionId };
  const servers = clipJson(listOf(line.mcp_servers)).value;
  draft.events.push({
    type: 'agent.init',
    data: {
      sessionId,
      model: shortOf(line.model),
      permissionMode: shortOf(line.permissionMode),
      tools: listOf(line.tools)
        .slice(0, MAX_NAMES)
        .map((tool) => shortOf(tool)),
      mcpServers: Array.isArray(servers) ? servers : [],
      harnessVersion: shortOf(line.claude_code_version),
    },
  });
  warnOfServers(draft, listOf(line.mcp_servers));
};

/** The CLI goes on without a server that did not start, and says so nowhere else. */
const warnOfServers = (draft: Draft, servers: readonly unknown[]): void => {
  for (const server of servers.slice(0, MAX_NAMES)) {
    if (!isWire(server) || server.status !== 'failed') continue;
    const text = `The MCP server "${shortOf(server.name)}" did not start; the agent goes on without its tools. Check mcpServers.`;
    log(draft, 'slipway', 'warn', text);
  }
};

const readRetry = (draft: Draft, line: Wire, text: string): void => {
  draft.seen = { ...draft.seen, retry: { status: numberOf(line.error_status), error: shortOf(line.error) } };
  log(draft, 'stdout', 'warn', text);
};

/** Progress that comes with every piece of a message, as deltas do, and says less. */
const isProgress = (line: Wire): boolean => line.subtype === 'thinking_tokens';

const isInit = (line: Wire): boolean => line.subtype === 'init' && shortOf(line.session_id) !== '';

const readParsed = (draft: Draft, line: Wire, text: string, isCut: boolean): void => {
  if (line.type === 'assistant') readAssistant(draft, line);
  else if (line.type === 'user') readUser(draft, line);
  else if (line.type === 'stream_event') readStreamEvent(draft, line);
  else if (line.type === 'result') readResult(draft, line, isCut);
  else if (line.type === 'system' && isInit(line)) readInit(draft, line);
  else if (line.type === 'system' && line.subtype === 'api_retry') readRetry(draft, line, text);
  else if (line.type !== 'system' || !isProgress(line)) log(draft, 'stdout', 'info', text);
};

/** Reads a line; `json` is what the line before it left. Never throws. */
export const readLine = (json: Json, line: OutputLine): Reading => {
  const before = decodeSeen(json);
  const draft = draftFrom(before);
  const isCut = line.cutBytes > 0;
  if (isCut) {
    const keptBytes = Buffer.byteLength(line.text);
    draft.events.push({
      type: 'truncated',
      data: { what: 'line of output', bytes: keptBytes + line.cutBytes, keptBytes },
    });
  }
  if (line.stream === 'stderr') {
    if (line.text.trim() !== '') log(draft, 'stderr', 'warn', line.text);
    draft.seen = { ...before, stderr: tailOf(`${before.stderr}${line.text}\n`, MAX_STDERR) };
  } else {
    const parsed = isCut ? parseCutJson(line.text) : parse(line.text);
    if (isWire(parsed)) readParsed(draft, parsed, line.text, isCut);
    else if (line.text.trim() !== '') log(draft, 'stdout', 'info', line.text);
  }
  return finished(draft, before, json);
};
