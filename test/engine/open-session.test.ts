/** The session that a turn goes on with: its transcript, or the messages, which are retold within bounds. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/core/conversation.ts';
import { BLOBS } from '../../src/engine/manifest.ts';
import { openSession } from '../../src/engine/open-session.ts';
import { newConversation, newMessage } from '../contracts/stores/fixtures.ts';
import { openWorld, type World } from '../support/simulation/world.ts';

let world: World;
afterEach(() => world.close());

async function* piece(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** What the harness is told of a turn that says `said` after these messages. */
const sessionOf = async (before: readonly Partial<Message>[], said: string, transcript?: string) => {
  world = await openWorld(() => []);
  const { drive } = world;
  const [earlier, run] = [await world.submit(), await world.submit()];
  const messages = [...before, { text: said }].map((given, at) => newMessage({ ...given, seq: at + 1 }));
  const { id } = await drive.stores.conversations.insert({
    conversation: newConversation({ lastSeq: messages.length }),
    messages,
  });
  if (transcript !== undefined) {
    await drive.artifacts.put(earlier.id, BLOBS.transcript, piece(transcript));
  }
  const task = { ...run.task, prompt: said };
  const session = await openSession(drive, { ...run, task, conversationId: id, resumes: earlier.id });
  return { ...session, prompt: session.run.task.prompt, bytes: Buffer.byteLength(session.run.task.prompt) };
};

describe('a turn', () => {
  it('goes on with the transcript as it is, and retells nothing', async () => {
    const { resume, prompt } = await sessionOf([{ text: 'one' }], 'two', 'session');
    expect(Buffer.from(resume?.transcript ?? []).toString()).toBe('session');
    expect(prompt).toBe('two');
  });

  it('without one is told what was said, in order, once, and not what failed or waits', async () => {
    const { resume, prompt } = await sessionOf(
      [
        { text: 'one' },
        { text: 'ONE', role: 'assistant' },
        { text: 'broken', status: 'failed' },
        { text: 'later', status: 'waiting' },
      ],
      'two',
    );
    expect(resume).toBeNull();
    expect(prompt).toBe(
      'The conversation so far, one message a line:\n{"role":"user","text":"one"}\n{"role":"assistant","text":"ONE"}\n\nThe user now says:\ntwo',
    );
  });

  it('is told the newest of a long conversation, in bounds for every script', async () => {
    const long = Array.from({ length: 60 }, (_, at) => ({ text: `${at}:${'긴'.repeat(10_000)}` }));
    const { prompt, bytes } = await sessionOf(long, 'two');
    expect(bytes).toBeLessThan(257 * 1024);
    expect(bytes).toBeGreaterThan(200 * 1024);
    expect(prompt).toMatch(/^The last 8 messages of the conversation/);
    expect(prompt).toContain('"59:');
    expect(prompt).not.toContain('"51:');
  });

  it('is told the beginning of a message that is too long, and what stands before it', async () => {
    const { prompt, bytes } = await sessionOf([{ text: 'FIRST' }, { text: '긴'.repeat(80_000) }], 'two');
    expect(prompt).toContain('FIRST');
    expect(prompt).toContain('긴 [cut]');
    expect(bytes).toBeLessThan(64 * 1024);
  });
});
