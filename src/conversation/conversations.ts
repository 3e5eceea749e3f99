/** The use cases of conversations, in the form that is shown. */
import type { ConversationDetailView, ConversationView, TurnView } from '../api/conversation-schemas.ts';
import type { Agent } from '../core/agent.ts';
import type { Begun } from '../core/conversation.ts';
import { DomainError } from '../core/errors.ts';
import type { ConversationId, UserId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import type { Engine } from '../engine/deps.ts';
import type { Page, PageQuery } from '../ports/page.ts';
import { isBusy } from './begin-turn.ts';
import { tendConversation } from './file-turn.ts';
import { readConversation } from './read-conversation.ts';
import { saveProposal, tryProposal } from './save-proposal.ts';
import { showConversation, showDetail, showTurn } from './show.ts';
import { createTurnTaker, type Spoken } from './take-turn.ts';

type Heard = Exclude<Spoken, { kind: 'answered' }> | { readonly kind: 'turn'; readonly turn: TurnView };

/** Makes the use cases; what each promises stands where they are bound (`http/talk.ts`). */
export const createConversations = (engine: Engine) => {
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
    list: async (userId: UserId, page: PageQuery): Promise<Page<ConversationView>> => {
      const { items, next } = await engine.stores.conversations.list(userId, page);
      return { items: items.map(showConversation), next };
    },
    read: async (userId: UserId, id: ConversationId): Promise<ConversationDetailView> =>
      showDetail(engine, await tended(userId, id)),
    delete: async (userId: UserId, id: ConversationId): Promise<void> => {
      const known = await tended(userId, id);
      if (isBusy(known)) {
        throw new DomainError('conflict', 'A turn of this conversation is in progress.', {
          hint: `Wait for its end, or cancel run ${known.activeRunId}.`,
        });
      }
      await engine.stores.conversations.delete(id);
    },
    save: (userId: UserId, id: ConversationId): Promise<Agent> => saveProposal(engine, userId, id),
    tryOnce: (userId: UserId, id: ConversationId): Promise<Run> => tryProposal(engine, userId, id),
  };
};
