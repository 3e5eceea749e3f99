/** `slipway chat`: talk to the designer, get an agent. */
import { createInterface } from 'node:readline/promises';
import type { TurnView } from '../api/conversation-schemas.ts';
import type { SlipwayClient, TurnInput } from '../client/client.ts';
import { UsageError } from './explain.ts';
import { complain, safe, say, sayJson } from './print.ts';
import { paint, sayProposal } from './show-proposal.ts';
import { sayTable } from './table.ts';
import { readText } from './task-options.ts';
import { ago } from './times.ts';

export interface ChatFlags {
  readonly conversation?: string;
  readonly agent?: string;
  readonly about?: string;
  readonly timezone?: string;
  readonly json: boolean;
}

const ownTimezone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

const inputOf = (message: string, conversationId: string | undefined, flags: ChatFlags): TurnInput => ({
  message,
  timezone: flags.timezone ?? ownTimezone(),
  ...(conversationId === undefined ? {} : { conversationId }),
  // Both belong into the first message.
  ...(conversationId === undefined && flags.agent !== undefined ? { agentId: flags.agent } : {}),
  ...(conversationId === undefined && flags.about !== undefined ? { runId: flags.about } : {}),
});

/** Prints an answer while it is written; what cannot be shown live is printed at its end. */
const printLive = async (client: SlipwayClient, input: TurnInput): Promise<TurnView> => {
  let attempt = 0;
  let shown = '';
  for await (const spoken of client.converse(input)) {
    if (spoken.kind === 'delta') {
      if (spoken.attempt !== attempt && shown !== '') process.stdout.write(`\n${paint('dim', '(again:)')}\n`);
      if (spoken.attempt !== attempt) shown = '';
      attempt = spoken.attempt;
      shown += spoken.text;
      process.stdout.write(safe(spoken.text));
    } else if (spoken.kind === 'turn') {
      const { text } = spoken.turn;
      // What the server added, or all of it where nothing came live.
      say(text.startsWith(shown) ? safe(text.slice(shown.length)) : `\n${safe(text)}`);
      return spoken.turn;
    }
  }
  throw new Error('The stream ended without an answer.');
};

const printBesides = (turn: TurnView, before: TurnView | null): void => {
  const { proposal, agent, agentCreated } = turn;
  const isNew = JSON.stringify(proposal?.agent) !== JSON.stringify(before?.proposal?.agent);
  if (proposal !== null && isNew && !proposal.saved) sayProposal(proposal);
  if (agentCreated && agent !== null) {
    say(paint('green', `Agent ${agent.id} is saved. Run it with: slipway run --agent ${agent.id}`));
  }
};

const takeTurn = async (
  client: SlipwayClient,
  message: string,
  id: string | undefined,
  flags: ChatFlags,
  before: TurnView | null,
): Promise<TurnView> => {
  const input = inputOf(message, id, flags);
  if (flags.json) {
    const turn = await client.takeTurn(input);
    sayJson(turn);
    return turn;
  }
  const turn = await printLive(client, input);
  printBesides(turn, before);
  return turn;
};

const HELP = 'Say what the agent is to do. /agree saves the proposal, /try runs it once, an empty line or Ctrl-D ends.';

const command = async (client: SlipwayClient, line: string, turn: TurnView | null): Promise<boolean> => {
  if (line !== '/agree' && line !== '/try') return false;
  if (turn === null) say('There is no proposal yet.');
  else if (line === '/agree') say(`Agent ${(await client.saveProposal(turn.conversationId)).id} is saved.`);
  else say(`Run ${(await client.tryProposal(turn.conversationId)).executionId} is queued: slipway runs logs -f <id>`);
  return true;
};

const talk = async (client: SlipwayClient, flags: ChatFlags): Promise<void> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((done) => terminal.once('close', () => done('')));
  let turn: TurnView | null = null;
  complain(HELP);
  try {
    for (;;) {
      const line = (await Promise.race([terminal.question('\nyou> '), ended])).trim();
      if (line === '') break;
      try {
        if (await command(client, line, turn)) continue;
        turn = await takeTurn(client, line, turn?.conversationId ?? flags.conversation, flags, turn);
      } catch (error) {
        // The talk goes on: the message was kept, or was not taken.
        const hint = error instanceof Error && 'hint' in error && error.hint !== null ? ` ${String(error.hint)}` : '';
        complain(`${error instanceof Error ? safe(error.message) : String(error)}${safe(hint)}`);
      }
    }
  } finally {
    terminal.close();
  }
  if (turn !== null) complain(`Go on with: slipway chat --conversation ${turn.conversationId}`);
};

/** One message, from the argument or a pipe; or, on a terminal, a talk. */
export const chatCommand = async (
  client: SlipwayClient,
  message: string | undefined,
  flags: ChatFlags,
): Promise<void> => {
  if (message === undefined && process.stdin.isTTY) return talk(client, flags);
  const text = message === undefined || message === '-' ? readText('-') : message;
  if (text.trim() === '') throw new UsageError('There is no message.', 'slipway chat "Summarise the news every day"');
  const turn = await takeTurn(client, text, flags.conversation, flags, null);
  if (!flags.json) complain(`Go on with: slipway chat --conversation ${turn.conversationId} "…"`);
};

export const listChatsCommand = async (client: SlipwayClient, { json, limit }: { json: boolean; limit: number }) => {
  const { data } = await client.listConversations({ limit });
  if (json) return sayJson(data);
  const now = Date.now();
  const rows = data.map(({ id, updatedAt, title }) => [id, ago(updatedAt, now), title]);
  sayTable(['ID', 'TOUCHED', 'TITLE'], rows, 'There are no conversations yet.');
};

export const showChatCommand = async (client: SlipwayClient, id: string, { json }: { json: boolean }) => {
  const conversation = await client.readConversation(id);
  if (json) return sayJson(conversation);
  for (const { role, text, status } of conversation.messages) {
    const mark = status === 'done' ? '' : ` (${status})`;
    say(`${paint('bold', role === 'user' ? `you${mark}` : 'designer')}\n${safe(text)}\n`);
  }
  if (conversation.proposal !== null) sayProposal(conversation.proposal);
};

export const deleteChatCommand = async (client: SlipwayClient, id: string): Promise<void> => {
  await client.deleteConversation(id);
  say(`Conversation ${safe(id)} is deleted. Its agent and runs are kept.`);
};
