/** A talk with the designer on a terminal, line by line. */
import { createInterface } from 'node:readline/promises';
import type { ProposalView } from '../api/conversation-schemas.ts';
import type { SlipwayClient, TurnInput } from '../client/client.ts';
import { ProblemError, UnreachableError } from '../client/http.ts';
import { complain, safe, say } from './print.ts';
import { printBesides, printTurn } from './print-turn.ts';
import { paint, sayProposal } from './show-proposal.ts';

const HELP =
  'Say what the agent is to do. /agree saves the proposal, /try runs it once, /help says this again; an empty line or Ctrl-D ends.';

interface Talk {
  id: string | undefined;
  proposal: ProposalView | null;
}

const NONE = 'There is no proposal yet. Say what the agent is to do.';

const COMMANDS: Readonly<Record<string, (client: SlipwayClient, talk: Talk) => Promise<void>>> = {
  '/help': async () => complain(HELP),
  '/agree': async (client, talk) => {
    if (talk.id === undefined || talk.proposal === null) return complain(NONE);
    const { id } = await client.saveProposal(talk.id, talk.proposal.seq);
    say(paint('green', `Agent ${id} is saved. Run it with: slipway run --agent ${id}`));
  },
  '/try': async (client, talk) => {
    if (talk.id === undefined || talk.proposal === null) return complain(NONE);
    const { executionId } = await client.tryProposal(talk.id);
    say(`It runs once, and is not saved. Watch it with: slipway runs logs -f ${executionId}`);
  },
};

/** Shows where a talk stood; what was not answered is said, so that it can be sent again. */
const resume = async (client: SlipwayClient, talk: Talk): Promise<void> => {
  if (talk.id === undefined) return;
  const { title, messages, proposal } = await client.readConversation(talk.id);
  talk.proposal = proposal;
  complain(paint('bold', safe(title)));
  const answer = messages.findLast(({ role }) => role === 'assistant');
  if (answer !== undefined) say(safe(answer.text));
  const last = messages.at(-1);
  if (last?.status === 'failed') {
    complain(`This was not answered; say it again to try again:\n${safe(last.text)}`);
    if (last.error !== undefined) complain(`${safe(last.error.message)}\n${safe(last.error.hint)}`);
  }
  if (last?.status === 'pending' || last?.status === 'waiting') complain('Your last message is still being answered.');
  if (proposal !== null && !proposal.saved) sayProposal(proposal);
};

/** What went wrong with a message, in words; the talk goes on. */
const complainOf = (error: unknown, talk: Talk): void => {
  if (error instanceof ProblemError) {
    for (const line of [error.message, error.hint ?? '']) if (line !== '') complain(safe(line));
  } else if (error instanceof UnreachableError) {
    complain(error.message);
    if (talk.id !== undefined) complain(`What was said is kept: slipway chat --conversation ${talk.id}`);
  } else complain(safe(error instanceof Error ? error.message : String(error)));
};

/** @param inputOf makes the request of what was said, in the conversation if there is one already */
export const talk = async (
  client: SlipwayClient,
  inputOf: (said: string, id: string | undefined) => TurnInput,
  conversationId: string | undefined,
): Promise<void> => {
  const state: Talk = { id: conversationId, proposal: null };
  await resume(client, state);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((done) => terminal.once('close', () => done('')));
  let listening: AbortController | null = null;
  // While an answer is written, Ctrl-C ends the listening; at the prompt it ends the talk.
  terminal.on('SIGINT', () => (listening === null ? terminal.close() : listening.abort()));

  const take = async (line: string): Promise<void> => {
    const command = COMMANDS[line];
    if (command !== undefined) return command(client, state);
    listening = new AbortController();
    const { signal } = listening;
    try {
      const accepted = (id: string): void => {
        state.id = id;
      };
      const turn = await printTurn(client, inputOf(line, state.id), { signal, accepted });
      printBesides(turn, state.proposal);
      state.proposal = turn.proposal;
    } catch (error) {
      if (!signal.aborted) throw error;
      complain(`\nThe answer goes on without you: slipway chat show ${state.id ?? ''}`);
    } finally {
      listening = null;
    }
  };

  complain(HELP);
  try {
    for (;;) {
      const line = (await Promise.race([terminal.question('\nyou> '), ended])).trim();
      if (line === '') break;
      await take(line).catch((error: unknown) => complainOf(error, state));
    }
  } finally {
    terminal.close();
  }
  if (state.id !== undefined) complain(`Go on with: slipway chat --conversation ${state.id}`);
};
