/** The use cases of conversations, in the form that is shown. */
import type { ConversationDetailView, ConversationView, TurnView } from '../api/conversation-schemas.ts';
import type { Agent } from '../core/agent.ts';
import type { Begun, Saying } from '../core/conversation.ts';
import { DomainError } from '../core/errors.ts';
import type { ConversationId, UserId } from '../core/ids.ts';
import type { Page, PageQuery } from '../core/page.ts';
import type { Run } from '../core/run.ts';
import type { Engine } from '../engine/deps.ts';
import type { Once } from '../engine/submit-run.ts';
import { beginTurn, isBusy } from './begin-turn.ts';
import { followTurn, type Spoken } from './follow-turn.ts';
import { readConversation } from './read-conversation.ts';
import { saveProposal, tryProposal } from './save-proposal.ts';
import { showConversation, showDetail, showTurn } from './show.ts';
import { tendConversation } from './tend.ts';

type Heard = Exclude<Spoken, { kind: 'answered' }> | { readonly kind: 'turn'; readonly turn: TurnView };

/** Makes the use cases; what each promises stands where they are bound (`http/talk.ts`). */
export const createConversations = (engine: Engine) => {
  const tended = async (userId: UserId, id: ConversationId) =>
    tendConversation(engine, await readConversation(engine, userId, id));

  async function* follow(begun: Begun, signal: AbortSignal): AsyncGenerator<Heard> {
    for await (const spoken of followTurn(engine, begun, signal)) {
      if (spoken.kind !== 'answered') yield spoken;
      else yield { kind: 'turn', turn: await showTurn(engine, spoken.conversation, spoken.message) };
    }
  }

  return {
    begin: (userId: UserId, saying: Saying, once?: Once<Begun>): Promise<Begun> =>
      beginTurn(engine, userId, saying, once),
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
    save: (userId: UserId, id: ConversationId, seen: number | null): Promise<Agent> =>
      saveProposal(engine, userId, id, seen),
    tryOnce: (userId: UserId, id: ConversationId, once?: Once<Run>): Promise<Run> =>
      tryProposal(engine, userId, id, once),
  };
};
