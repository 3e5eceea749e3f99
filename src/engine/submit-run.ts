import type { Task } from '../core/agent.ts';
import type { AgentId, ConversationId, RunId, UserId } from '../core/ids.ts';
import type { Run, Trigger } from '../core/run.ts';
import { queue } from '../core/transitions.ts';
import type { IdempotencyRecord } from '../ports/idempotency-store.ts';
import type { Engine } from './deps.ts';
import { newId } from './new-id.ts';

export interface Submission {
  readonly userId: UserId;
  /** Copied into the run, so that a later change of the agent does not reach it. */
  readonly task: Task;
  readonly agent: { readonly id: AgentId; readonly revision: number } | null;
  readonly trigger: Trigger;
  readonly retryOf?: RunId;
  readonly conversationId?: ConversationId;
  /** Made beforehand, where the id had to be written down before the run; fresh when left out. */
  readonly id?: RunId;
  readonly sessionId?: string;
  readonly resumes?: RunId | 'messages';
  /** Where it runs; left out, where this server's runs go. */
  readonly executor?: string;
}

/** Makes the idempotency record that is committed with a run; null for none. */
export type Once<Created> = (created: Created) => IdempotencyRecord | null;

/** What `queue` needs to make a run of a submission. */
export const newRun = (engine: Engine, submission: Submission) => ({
  id: submission.id ?? newId<RunId>(engine),
  userId: submission.userId,
  agentId: submission.agent?.id ?? null,
  agentRevision: submission.agent?.revision ?? null,
  conversationId: submission.conversationId ?? null,
  trigger: submission.trigger,
  task: submission.task,
  retryOf: submission.retryOf ?? null,
  executor: submission.executor ?? engine.executorName,
  sessionId: submission.sessionId ?? newId<string>(engine),
  ...(submission.resumes === undefined ? {} : { resumes: submission.resumes }),
});

/** Queues a run; when this resolves, the run is durable. */
export const submitRun = async (engine: Engine, submission: Submission, once?: Once<Run>): Promise<Run> => {
  const first = queue(newRun(engine, submission), engine.clock.now());
  const run = await engine.stores.runs.insert(first, once?.(first.run) ?? null);
  engine.notifier.queued();
  return run;
};
