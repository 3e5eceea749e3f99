/** `slipway chat`: talk to the designer, get an agent. */
import type { SlipwayClient, TurnInput } from '../client/client.ts';
import { UsageError } from './explain.ts';
import { complain, safe, say, sayJson } from './print.ts';
import { printBesides, printTurn } from './print-turn.ts';
import { paint, sayProposal } from './show-proposal.ts';
import { sayTable } from './table.ts';
import { talk } from './talk.ts';
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

/** One message, from the argument or a pipe; or, on a terminal, a talk. */
export const chatCommand = async (
  client: SlipwayClient,
  message: string | undefined,
  flags: ChatFlags,
): Promise<void> => {
  if (message === undefined && process.stdin.isTTY)
    return talk(client, (said, id) => inputOf(said, id, flags), flags.conversation);
  const text = message === undefined || message === '-' ? readText('-') : message;
  if (text.trim() === '') throw new UsageError('There is no message.', 'slipway chat "Summarise the news every day"');
  const input = inputOf(text, flags.conversation, flags);
  if (flags.json) return sayJson(await client.takeTurn(input));
  const turn = await printTurn(client, input);
  printBesides(turn, null);
  complain(`Go on with: slipway chat --conversation ${turn.conversationId} "…"`);
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
  for (const { role, text, status, error } of conversation.messages) {
    const mark = status === 'done' ? '' : ` (${status})`;
    say(`${paint('bold', role === 'user' ? `you${mark}` : 'designer')}\n${safe(text)}\n`);
    if (error !== undefined) say(`${paint('red', safe(error.message))}\n${safe(error.hint)}\n`);
  }
  if (conversation.proposal !== null) sayProposal(conversation.proposal);
};

export const deleteChatCommand = async (client: SlipwayClient, id: string): Promise<void> => {
  await client.deleteConversation(id);
  say(`Conversation ${safe(id)} is deleted. Its agent and runs are kept.`);
};
