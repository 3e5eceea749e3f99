/** Conversations and their messages. */
import type { Conversation, ConversationDecision, Message } from '../../core/conversation.ts';
import { DomainError } from '../../core/errors.ts';
import type { ConversationId } from '../../core/ids.ts';
import { readPage, type SortKey } from '../../core/page.ts';
import type { ConversationStore } from '../../ports/conversation-store.ts';
import type { IdempotencyRecord } from '../../ports/idempotency-store.ts';
import { conversationId, decodeConversation, decodeMessage, text } from './codec.ts';
import type { Change, Connection, Stored } from './connection.ts';
import { layOut, readText, writePieces } from './documents/long-text.ts';
import { removeTree } from './documents/remove-tree.ts';
import { remember, requireUntaken } from './idempotency.ts';
import { createTurns, write, writeNew } from './transaction.ts';

const DIGITS = 10;
const pathOf = (id: ConversationId): string => `conversations/${id}`;
const notFound = (id: ConversationId): DomainError => new DomainError('not_found', `There is no conversation ${id}.`);

/** Pieces of messages stay until the conversation is deleted: two messages may have the same ones. */
const layOutMessages = (id: ConversationId, messages: readonly Message[]) => {
  const laid = messages.map((message) => ({ seq: message.seq, ...layOut(pathOf(id), JSON.stringify(message)) }));
  const changes = laid.map(({ seq, field }): Change => {
    const path = `${pathOf(id)}/messages/${String(seq).padStart(DIGITS, '0')}`;
    return { kind: 'replace', path, fields: { seq, doc: field } };
  });
  return { changes, pieces: laid.flatMap(({ pieces }) => pieces) };
};

const fieldsOf = (conversation: Conversation) => ({
  userId: conversation.userId,
  updatedAt: conversation.updatedAt,
  // Null has no place in the order of a query that asks for instants.
  unsettledAt: conversation.activeRunId === null ? null : conversation.updatedAt,
  doc: JSON.stringify(conversation),
});

const conversationOf = ({ fields }: Stored): Conversation => decodeConversation(text(fields, 'doc'));

export const createConversationStore = (connection: Connection): ConversationStore => {
  const inTurn = createTurns();
  const change = async (
    stored: Stored,
    { conversation: after, messages }: ConversationDecision,
    once: IdempotencyRecord | null,
    again: boolean,
  ): Promise<void> => {
    const replaced = again ? await requireUntaken(connection, once, after.updatedAt) : null;
    const { changes, pieces } = layOutMessages(after.id, messages);
    const record = remember(once, replaced);
    await writePieces(connection, [...pieces, ...record.pieces]);
    const { path, version } = stored;
    await connection.commit([
      { kind: 'update', path, fields: fieldsOf(after), version },
      ...changes,
      ...record.changes,
    ]);
  };
  const update = async (
    id: ConversationId,
    decide: (conversation: Conversation) => ConversationDecision,
    once: IdempotencyRecord | null,
    again: boolean,
  ) => {
    const stored = await connection.get(pathOf(id));
    if (stored === null) throw notFound(id);
    const before = conversationOf(stored);
    const decision = decide(before);
    const { conversation: after, messages } = decision;
    if (after === before && messages.length === 0) return before;
    if (after.id !== before.id || after.userId !== before.userId) {
      throw new DomainError('internal', `A change of conversation ${before.id} would make another one of it.`);
    }
    await change(stored, decision, once, again);
    return after;
  };

  return {
    insert: ({ conversation, messages }, once = null) =>
      writeNew(connection, async (again) => {
        const path = pathOf(conversation.id);
        if (again && (await connection.get(path)) !== null) {
          throw new DomainError('conflict', `Conversation ${conversation.id} exists already.`);
        }
        const replaced = again ? await requireUntaken(connection, once, conversation.createdAt) : null;
        const { changes, pieces } = layOutMessages(conversation.id, messages);
        const record = remember(once, replaced);
        await writePieces(connection, [...pieces, ...record.pieces]);
        const fields = fieldsOf(conversation);
        await connection.commit([{ kind: 'create', path, fields }, ...changes, ...record.changes]);
        return conversation;
      }),
    get: async (id) => {
      const stored = await connection.get(pathOf(id));
      return stored === null ? null : conversationOf(stored);
    },
    update: (id, decide, once = null) =>
      inTurn(id, () => writeNew(connection, (again) => update(id, decide, once, again))),
    messages: async (id, after, limit) => {
      const found = await connection.find({
        collection: `${pathOf(id)}/messages`,
        where: [['seq', '>', after]],
        orderBy: [['seq', 'asc']],
        limit,
      });
      return Promise.all(
        found.map(async ({ fields }) => decodeMessage(await readText(connection, pathOf(id), fields, 'doc'))),
      );
    },
    list: (userId, page) =>
      readPage(
        'conversations',
        page,
        async (after: SortKey | null, limit: number) => {
          const found = await connection.find({
            collection: 'conversations',
            where: [['userId', '==', userId]],
            orderBy: [['updatedAt', 'desc']],
            ...(after === null ? {} : { after: [after.at, after.id] }),
            limit,
          });
          return found.map(conversationOf);
        },
        (conversation) => ({ at: conversation.updatedAt, id: conversation.id }),
      ),
    findUnsettled: async (before, limit) => {
      const found = await connection.find({
        collection: 'conversations',
        where: [['unsettledAt', '<', before]],
        orderBy: [['unsettledAt', 'asc']],
        limit,
      });
      return found.map(conversationId);
    },
    delete: (id) =>
      inTurn(id, () =>
        write(connection, async () => {
          const stored = await connection.get(pathOf(id));
          if (stored === null) throw notFound(id);
          await removeTree(connection, stored, ['messages', 'pieces']);
        }),
      ),
  };
};
