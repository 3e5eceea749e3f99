/** One turn in a terminal: the answer while it is written, then the proposal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProposalView, TurnView } from '../api/conversation-schemas.ts';
import type { SlipwayClient, TurnInput } from '../client/client.ts';
import { UnreachableError } from '../client/http.ts';
import { complain, safe, say } from './print.ts';
import { paint, sayProposal } from './show-proposal.ts';

/** How long to wait before each new try, in milliseconds, when the server went away in the middle of a turn. */
const PATIENCE_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000];

export interface Listening {
  readonly signal?: AbortSignal;
  /** Told as soon as the server has written the message down. */
  readonly accepted?: (conversationId: string) => void;
}

/** Text that is added to what stands there already. */
const createPaper = () => {
  let shown = '';
  return {
    add: (text: string): void => {
      shown += text;
      process.stdout.write(safe(text));
    },
    /** What stands there is no part of the answer. */
    discard: (why: string): void => {
      if (shown !== '') process.stdout.write(`\n${paint('dim', why)}\n`);
      shown = '';
    },
    /** What the server added, or all of it where nothing came live. */
    finish: (text: string): void => {
      if (text.startsWith(shown)) say(safe(text.slice(shown.length)));
      else say(`\n${safe(text)}`);
    },
  };
};

/** Hears a turn to its end; the same key follows the same turn, so nothing is said twice after a broken line. */
const hear = async (
  client: SlipwayClient,
  input: TurnInput,
  key: string,
  paper: ReturnType<typeof createPaper>,
  { signal, accepted }: Listening & { readonly accepted: (conversationId: string) => void },
): Promise<TurnView> => {
  let attempt = 0;
  for await (const spoken of client.converse(input, signal, key)) {
    if (spoken.kind === 'turn') return spoken.turn;
    if (spoken.kind === 'waiting') complain(paint('dim', '(after the turn in progress)'));
    if (spoken.kind !== 'delta') accepted(spoken.conversationId);
    else {
      if (spoken.attempt !== attempt) paper.discard('(again:)');
      attempt = spoken.attempt;
      paper.add(spoken.text);
    }
  }
  throw new Error('The stream ended without an answer.');
};

/** Says something and prints the answer while it is written, also over a restart of the server. */
export const printTurn = async (
  client: SlipwayClient,
  input: TurnInput,
  listening: Listening = {},
): Promise<TurnView> => {
  const key = crypto.randomUUID();
  const paper = createPaper();
  let isAccepted = false;
  const accepted = (conversationId: string): void => {
    isAccepted = true;
    listening.accepted?.(conversationId);
  };
  for (let tries = 0; ; tries += 1) {
    try {
      const turn = await hear(client, input, key, paper, { ...listening, accepted });
      paper.finish(turn.text);
      return turn;
    } catch (error) {
      const wait = PATIENCE_MS[tries];
      // Before anything was accepted there is nothing to go on with: the server is simply not there.
      if (!isAccepted || wait === undefined || !(error instanceof UnreachableError)) throw error;
      paper.discard('(The server went away; your message is kept. Trying again.)');
      await sleep(wait, undefined, listening.signal === undefined ? {} : { signal: listening.signal });
    }
  }
};

/** Prints a proposal that was not shown before, and that the agent is saved. */
export const printBesides = ({ proposal, agent, agentCreated }: TurnView, before: ProposalView | null): void => {
  const isNew = JSON.stringify(proposal?.agent) !== JSON.stringify(before?.agent);
  if (proposal !== null && isNew && !proposal.saved) sayProposal(proposal);
  if (agentCreated && agent !== null) {
    say(paint('green', `Agent ${agent.id} is saved. Run it with: slipway run --agent ${agent.id}`));
  }
};
