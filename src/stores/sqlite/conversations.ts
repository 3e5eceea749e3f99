/** Conversations and their messages. */
import type { Conversation, ConversationDecision, Message } from '../../core/conversation.ts';
import { DomainError } from '../../core/errors.ts';
import type { ConversationId } from '../../core/ids.ts';
import { readPage, TOP } from '../../core/page.ts';
import type { ConversationStore } from '../../ports/conversation-store.ts';
import { decodeConversation, decodeMessage, encodeConversation, encodeMessage, text } from './codec.ts';
import type { Connection } from './connection.ts';
import { remember } from './idempotency.ts';
import { admit, write } from './transaction.ts';

const notFound = (id: ConversationId): DomainError => new DomainError('not_found', `There is no conversation ${id}.`);

export const createConversationStore = (connection: Connection): ConversationStore => {
  const find = (id: ConversationId): Conversation | null => {
    const row = connection.get('SELECT doc FROM conversations WHERE id = ?', id);
    return row === null ? null : decodeConversation(row);
  };
  const writeMessages = (id: ConversationId, messages: readonly Message[]): void => {
    for (const message of messages) {
      connection.run(
        `INSERT INTO messages (conversation_id, seq, doc) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET doc = excluded.doc`,
        id,
        message.seq,
        encodeMessage(message),
      );
    }
  };
  const change = (before: Conversation, { conversation: after, messages }: ConversationDecision): Conversation => {
    if (after === before && messages.length === 0) return before;
    if (after.id !== before.id || after.userId !== before.userId) {
      throw new DomainError('internal', `A change of conversation ${before.id} would make another one of it.`);
    }
    connection.run(
      'UPDATE conversations SET updated_at = ?, doc = ? WHERE id = ?',
      after.updatedAt,
      encodeConversation(after),
      after.id,
    );
    writeMessages(after.id, messages);
    return after;
  };

  return {
    insert: async ({ conversation, messages }, once = null) =>
      admit(connection, () => {
        const written = connection.run(
          'INSERT INTO conversations (id, user_id, updated_at, doc) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          conversation.id,
          conversation.userId,
          conversation.updatedAt,
          encodeConversation(conversation),
        );
        if (written === 0) throw new DomainError('conflict', `Conversation ${conversation.id} exists already.`);
        writeMessages(conversation.id, messages);
        remember(connection, once, conversation.createdAt);
        return conversation;
      }),
    get: async (id) => find(id),
    update: async (id, decide, once = null) =>
      write(connection, () => {
        const before = find(id);
        if (before === null) throw notFound(id);
        const decision = decide(before);
        const after = change(before, decision);
        if (after !== before || decision.messages.length > 0) remember(connection, once, after.updatedAt);
        return after;
      }),
    messages: async (id, after, limit) =>
      connection
        .all('SELECT doc FROM messages WHERE conversation_id = ? AND seq > ? ORDER BY seq LIMIT ?', id, after, limit)
        .map(decodeMessage),
    list: async (userId, page) =>
      readPage(
        'conversations',
        page,
        (key, limit) => {
          const after = key ?? TOP;
          return connection
            .all(
              `SELECT doc FROM conversations WHERE user_id = ? AND (updated_at, id) < (?, ?)
               ORDER BY updated_at DESC, id DESC LIMIT ?`,
              userId,
              after.at,
              after.id,
              limit,
            )
            .map(decodeConversation);
        },
        (conversation) => ({ at: conversation.updatedAt, id: conversation.id }),
      ),
    findUnsettled: async (before, limit) =>
      connection
        .all(
          `SELECT id FROM conversations WHERE json_extract(doc, '$.activeRunId') IS NOT NULL AND updated_at < ?
           ORDER BY updated_at LIMIT ?`,
          before,
          limit,
        )
        .map((row) => text(row, 'id') as ConversationId),
    delete: async (id) => {
      if (connection.run('DELETE FROM conversations WHERE id = ?', id) === 0) throw notFound(id);
    },
  };
};
