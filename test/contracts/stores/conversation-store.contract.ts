/** What every ConversationStore must do. */
import { describe, expect, it } from 'vitest';
import type { Conversation, ConversationDecision, Message } from '../../../src/core/conversation.ts';
import {
  ALICE,
  BOB,
  NOW,
  newConversation,
  newConversationId,
  newIdempotencyRecord,
  newMessage,
  newRunId,
} from './fixtures.ts';
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

    it('commits an idempotency record with a conversation and with a change, and not without one', async () => {
      const { conversations, idempotency } = test.stores;
      const [one, two, three] = [newIdempotencyRecord(), newIdempotencyRecord(), newIdempotencyRecord()];
      const { id } = await conversations.insert(say(newConversation()), one);
      await conversations.update(id, (present) => ({ conversation: present, messages: [] }), two);
      expect(await idempotency.find(ALICE, one.key, NOW)).toEqual(one);
      expect(await idempotency.find(ALICE, two.key, NOW)).toBeNull();
      await conversations.update(id, (present) => say(present), three);
      expect(await idempotency.find(ALICE, three.key, NOW)).toEqual(three);
    });

    it('refuses a key that is taken, and writes nothing', async () => {
      const { conversations } = test.stores;
      const once = newIdempotencyRecord();
      const first = say(newConversation());
      const { id } = await conversations.insert(first, once);
      const other = newIdempotencyRecord({ key: once.key });
      const second = say(newConversation());
      expect(await refusal(conversations.insert(second, other))).toBe('idempotency_in_flight');
      expect(await conversations.get(second.conversation.id)).toBeNull();
      expect(await conversations.messages(second.conversation.id, 0, 10)).toEqual([]);
      expect(await refusal(conversations.update(id, (present) => say(present), other))).toBe('idempotency_in_flight');
      expect(await conversations.get(id)).toEqual(first.conversation);
      expect(await conversations.messages(id, 0, 10)).toEqual(first.messages);
      const raced = newIdempotencyRecord();
      const calls = Array.from({ length: 5 }, () => conversations.update(id, (present) => say(present), raced));
      expect(await tally(calls)).toEqual({ done: 1, idempotency_in_flight: 4 });
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

    it('finds those whose turn is in progress, of all users, the longest untouched first', async () => {
      const { conversations } = test.stores;
      const add = async (overrides: Partial<Conversation>) =>
        (await conversations.insert({ conversation: newConversation(overrides), messages: [] })).id;
      const activeRunId = newRunId();
      const later = await add({ activeRunId, updatedAt: NOW + 2 });
      const earlier = await add({ activeRunId, updatedAt: NOW + 1, userId: BOB });
      await add({ activeRunId, updatedAt: NOW + 9 });
      await add({ activeRunId: null, updatedAt: NOW });
      expect(await conversations.findUnsettled(NOW + 9, 10)).toEqual([earlier, later]);
      expect(await conversations.findUnsettled(NOW + 9, 1)).toEqual([earlier]);
      await conversations.update(earlier, (present) => say({ ...present, activeRunId: null }));
      await conversations.update(later, (present) => say({ ...present, updatedAt: NOW + 20 }));
      expect(await conversations.findUnsettled(NOW + 9, 10)).toEqual([]);
      expect(await conversations.findUnsettled(NOW + 10, 10)).toHaveLength(1);
    });

    it('keeps the order of messages whose numbers have gaps', async () => {
      const { conversations } = test.stores;
      const { id } = await conversations.insert(say(newConversation()));
      const write = (seq: number) =>
        conversations.update(id, (present) => ({
          conversation: { ...present, lastSeq: Math.max(seq, present.lastSeq) },
          messages: [newMessage({ seq, status: 'waiting' })],
        }));
      await write(5);
      await write(3);
      await write(2);
      expect((await conversations.messages(id, 0, 9)).map(({ seq }) => seq)).toEqual([1, 2, 3, 5]);
      expect((await conversations.messages(id, 3, 1)).map(({ seq }) => seq)).toEqual([5]);
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
