/** What every ConversationStore must do. */
import { describe, expect, it } from 'vitest';
import type { Conversation, ConversationDecision, Message } from '../../../src/core/conversation.ts';
import { ALICE, BOB, NOW, newConversation, newConversationId, newMessage, newRunId } from './fixtures.ts';
import { eachTest, type OpenStores } from './opened.ts';
import { BAD_CURSORS, readAll, refusal, tally } from './outcomes.ts';
import { insertRun } from './run-lives.ts';

/** The next message, said. */
const say = (conversation: Conversation, overrides: Partial<Message> = {}): ConversationDecision => {
  const seq = conversation.lastSeq + 1;
  return { conversation: { ...conversation, lastSeq: seq }, messages: [newMessage({ ...overrides, seq })] };
};

const describeChanges = (open: OpenStores): void => {
  describe('changes', () => {
    const test = eachTest(open);

    it('commits a conversation with its messages', async () => {
      const { conversations } = test.stores;
      const first = say(newConversation(), { data: { component: { type: 'choice', values: [1, null] } } });
      const id = first.conversation.id;
      expect(await conversations.insert(first)).toEqual(first.conversation);
      expect(await conversations.get(id)).toEqual(first.conversation);
      expect(await conversations.messages(id, 0, 10)).toEqual(first.messages);
      expect(await conversations.get(newConversationId())).toBeNull();
      expect(await conversations.messages(newConversationId(), 0, 10)).toEqual([]);
    });

    it('refuses one that exists, and leaves it as it was', async () => {
      const { conversations } = test.stores;
      const first = say(newConversation());
      await conversations.insert(first);
      const again = say(newConversation({ id: first.conversation.id, userId: BOB }), { text: 'other' });
      expect(await refusal(conversations.insert(again))).toBe('conflict');
      expect(await conversations.get(first.conversation.id)).toEqual(first.conversation);
      expect(await conversations.messages(first.conversation.id, 0, 10)).toEqual(first.messages);
    });

    it('commits a change with its messages, which replace those of the same number', async () => {
      const { conversations } = test.stores;
      const { conversation } = say(newConversation());
      await conversations.insert(say(newConversation({ id: conversation.id })));
      const failed = newMessage({ status: 'failed', runId: newRunId() });
      const after = await conversations.update(conversation.id, (present) => {
        const answered = say({ ...present, activeRunId: null, updatedAt: NOW + 1 }, { role: 'assistant', text: 'Hi' });
        return { ...answered, messages: [failed, ...answered.messages] };
      });
      expect(after).toMatchObject({ lastSeq: 2, updatedAt: NOW + 1 });
      expect(await conversations.get(conversation.id)).toEqual(after);
      expect(await conversations.messages(conversation.id, 0, 10)).toMatchObject([failed, { seq: 2, text: 'Hi' }]);
    });

    it('writes nothing when the decision throws or changes nothing', async () => {
      const { conversations } = test.stores;
      const first = say(newConversation());
      const { id } = await conversations.insert(first);
      const fault = new Error('no');
      const call = conversations.update(id, (present) => {
        say(present);
        throw fault;
      });
      await expect(call).rejects.toBe(fault);
      expect(await conversations.update(id, (present) => ({ conversation: present, messages: [] }))).toEqual(
        first.conversation,
      );
      expect(await conversations.messages(id, 0, 10)).toEqual(first.messages);
    });

    it('refuses to change one that is not there, or whose it is', async () => {
      const { conversations } = test.stores;
      expect(await refusal(conversations.update(newConversationId(), (present) => say(present)))).toBe('not_found');
      const { id } = await conversations.insert(say(newConversation()));
      const call = conversations.update(id, (present) => say({ ...present, userId: BOB }));
      expect(await refusal(call)).toBe('internal');
    });

    it('loses no message when two openings write at once', async () => {
      const other = await test.reopen();
      const { id } = await test.stores.conversations.insert({ conversation: newConversation(), messages: [] });
      const calls = Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? test.stores : other).conversations.update(id, (present) => say(present)),
      );
      expect(await tally(calls)).toEqual({ done: 12 });
      expect(await other.conversations.messages(id, 0, 100)).toHaveLength(12);
    });

    it('deletes it with its messages; its runs stay', async () => {
      const { conversations, runs } = test.stores;
      const { id } = await conversations.insert(say(newConversation()));
      const run = await insertRun(runs, { conversationId: id });
      await conversations.delete(id);
      expect(await conversations.get(id)).toBeNull();
      expect(await conversations.messages(id, 0, 10)).toEqual([]);
      expect(await runs.get(run.id)).toEqual(run);
      expect(await refusal(conversations.delete(id))).toBe('not_found');
      await conversations.insert({ conversation: newConversation({ id }), messages: [] });
      expect(await conversations.messages(id, 0, 10)).toEqual([]);
    });

    it('is durable', async () => {
      const first = say(newConversation());
      await test.stores.conversations.insert(first);
      await test.stores.close();
      const { conversations } = await test.reopen();
      expect(await conversations.get(first.conversation.id)).toEqual(first.conversation);
      expect(await conversations.messages(first.conversation.id, 0, 10)).toEqual(first.messages);
    });
  });
};

const describeReading = (open: OpenStores): void => {
  describe('reading', () => {
    const test = eachTest(open);

    it('gives messages in order, from after a number on, up to a limit', async () => {
      const { conversations } = test.stores;
      const { id } = await conversations.insert(say(newConversation()));
      for (let count = 0; count < 11; count += 1) await conversations.update(id, (present) => say(present));
      const seqs = async (after: number, limit: number) =>
        (await conversations.messages(id, after, limit)).map((message) => message.seq);
      expect(await seqs(0, 3)).toEqual([1, 2, 3]);
      expect(await seqs(8, 99)).toEqual([9, 10, 11, 12]);
      expect(await seqs(12, 99)).toEqual([]);
    });

    it("lists a user's conversations, the latest touched first, page by page", async () => {
      const { conversations } = test.stores;
      const ids = [];
      for (let count = 0; count < 5; count += 1) {
        const conversation = newConversation({ updatedAt: NOW + Math.floor(count / 2) });
        ids.push((await conversations.insert({ conversation, messages: [] })).id);
      }
      await conversations.insert({ conversation: newConversation({ userId: BOB }), messages: [] });
      const [touched] = ids;
      if (touched === undefined) throw new Error('no conversation');
      await conversations.update(touched, (present) => say({ ...present, updatedAt: NOW + 9 }));
      for (const limit of [1, 2, 5, 6]) {
        const found = await readAll((page) => conversations.list(ALICE, page), limit);
        expect(found.map((item) => item.updatedAt)).toEqual([NOW + 9, NOW + 2, NOW + 1, NOW + 1, NOW]);
        expect(new Set(found.map((item) => item.id))).toEqual(new Set(ids));
      }
    });

    it('refuses a cursor that no list gave', async () => {
      for (const cursor of BAD_CURSORS) {
        const call = test.stores.conversations.list(ALICE, { limit: 1, cursor });
        await expect(call).rejects.toMatchObject({ code: 'invalid_request', faults: [{ pointer: 'page' }] });
      }
    });
  });
};

export const describeConversationStoreContract = (name: string, open: OpenStores): void => {
  describe(`${name}: conversation store`, () => {
    describeChanges(open);
    describeReading(open);
  });
};
