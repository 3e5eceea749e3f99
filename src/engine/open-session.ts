/** The session that a run goes on with: an earlier run's transcript, or else the messages of its conversation. */
import { isDomainError } from '../core/errors.ts';
import type { RunId } from '../core/ids.ts';
import type { Run } from '../core/run.ts';
import { note } from '../core/transitions.ts';
import type { Resumption } from '../ports/harness.ts';
import { decideRun } from './decide-run.ts';
import type { Drive } from './deps.ts';
import { BLOBS } from './manifest.ts';

/** A larger one would not be restored, but retold. */
const MAX_TRANSCRIPT_BYTES = 32 * 1024 * 1024;
const MAX_MESSAGES = 1_000;
/** What is retold of one conversation, in characters; the newest messages go first. */
const MAX_RETOLD = 400_000;

export interface Session {
  /** The run as it is to be planned. */
  readonly run: Run;
  readonly resume: Resumption | null;
}

/** Never fails for the sake of a lost transcript: then the session begins anew with what was said. */
export const openSession = async (drive: Drive, run: Run): Promise<Session> => {
  if (run.resumes === undefined) return { run, resume: null };
  const transcript = run.resumes === 'messages' ? null : await readTranscript(drive, run.resumes);
  if (transcript !== null) return { run, resume: { transcript } };
  const why = run.resumes === 'messages' ? 'was refused' : 'is lost';
  const text = `The transcript of the session ${why}: a new session begins with the messages so far.`;
  const told = [{ type: 'log', data: { stream: 'slipway', level: 'warn', text } }] as const;
  await decideRun(drive, run.id, (current) => note(current, told, drive.clock.now()));
  return { run: { ...run, task: { ...run.task, prompt: await retell(drive, run) } }, resume: null };
};

const readTranscript = async (drive: Drive, id: RunId): Promise<Uint8Array | null> => {
  try {
    const blob = await drive.artifacts.get(id, BLOBS.transcript);
    if (blob === null || blob.size === 0 || blob.size > MAX_TRANSCRIPT_BYTES) return null;
    const whole = new Uint8Array(blob.size);
    let at = 0;
    for await (const chunk of blob.read()) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return at === blob.size ? whole : null;
  } catch (error) {
    if (isDomainError(error, 'lease_lost')) throw error;
    drive.logger.warn({ err: error, runId: id }, 'a transcript could not be read');
    return null;
  }
};

/** The prompt with what was said before it; messages whose turn failed were never answered, and are left out. */
const retell = async (drive: Drive, run: Run): Promise<string> => {
  if (run.conversationId === null) return run.task.prompt;
  const messages = await drive.stores.conversations.messages(run.conversationId, 0, MAX_MESSAGES);
  const answered = messages.filter(({ status }) => status === 'done');
  const newest = answered.at(-1);
  // What is being answered now stands in the prompt itself, unless the prompt is about the answer to it.
  const isPrompt = newest?.role === 'user' && run.task.prompt.endsWith(newest.text);
  const said = isPrompt ? answered.slice(0, -1) : answered;
  const lines: string[] = [];
  let left = MAX_RETOLD;
  for (const { role, text } of said.reverse()) {
    left -= text.length;
    if (left < 0) break;
    lines.unshift(JSON.stringify({ role, text }));
  }
  if (lines.length === 0) return run.task.prompt;
  return `The conversation so far, one message a line:\n${lines.join('\n')}\n\nThe user now says:\n${run.task.prompt}`;
};
