/** The use cases of conversations, in the form that is shown. */
import type { ConversationDetailView, ConversationView, TurnView } from '../api/conversation-schemas.ts';
import type { Agent } from '../core/agent.ts';
import { DomainError } from '../core/errors.ts';
import type { ConversationId, RunId, UserId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import type { Engine } from '../engine/deps.ts';
import type { Page, PageQuery } from '../ports/page.ts';
import { type Begun, isBusy, type Saying } from './begin-turn.ts';
import { tendConversation } from './file-turn.ts';
import { readConversation } from './read-conversation.ts';
import { saveProposal, tryProposal } from './save-proposal.ts';
import { showConversation, showDetail, showTurn } from './show.ts';
import { createTurnTaker } from './take-turn.ts';

type Heard =
  | { readonly kind: 'started'; readonly conversationId: ConversationId; readonly runId: RunId }
  | { readonly kind: 'delta'; readonly attempt: number; readonly text: string }
  | { readonly kind: 'idle' }
  | { readonly kind: 'turn'; readonly turn: TurnView };

export interface Conversations {
  begin(userId: UserId, saying: Saying, stopping: AbortSignal): Promise<Begun>;
  follow(begun: Begun, signal: AbortSignal): AsyncIterable<Heard>;
  list(userId: UserId, page: PageQuery): Promise<Page<ConversationView>>;
  read(userId: UserId, id: ConversationId): Promise<ConversationDetailView>;
  delete(userId: UserId, id: ConversationId): Promise<void>;
  save(userId: UserId, id: ConversationId): Promise<Agent>;
  tryOnce(userId: UserId, id: ConversationId): Promise<Run>;
}

export const createConversations = (engine: Engine): Conversations => {
  const turns = createTurnTaker(engine);
  const tended = async (userId: UserId, id: ConversationId) =>
    tendConversation(engine, await readConversation(engine, userId, id));

  async function* follow(begun: Begun, signal: AbortSignal): AsyncGenerator<Heard> {
    for await (const spoken of turns.follow(begun, signal)) {
      if (spoken.kind !== 'answered') yield spoken;
      else yield { kind: 'turn', turn: await showTurn(engine, spoken.conversation, spoken.message) };
    }
  }

  return {
    begin: turns.begin,
    follow,
    list: async (userId, page) => {
      const { items, next } = await engine.stores.conversations.list(userId, page);
      return { items: items.map(showConversation), next };
    },
    read: async (userId, id) => showDetail(engine, await tended(userId, id)),
    delete: async (userId, id) => {
      const known = await tended(userId, id);
      if (isBusy(known)) {
        throw new DomainError('conflict', 'A turn of this conversation is in progress.', {
          hint: `Wait for its end, or cancel run ${known.activeRunId}.`,
        });
      }
      await engine.stores.conversations.delete(id);
    },
    save: (userId, id) => saveProposal(engine, userId, id),
    tryOnce: (userId, id) => tryProposal(engine, userId, id),
  };
};
