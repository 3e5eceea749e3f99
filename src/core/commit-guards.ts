/**
 * What no store commits, whoever decided it: a change that would make another thing of what it changes, or leave a gap
 * below what readers have seen. Each throws `internal`: the decision is at fault, and nothing was written.
 */
import type { Agent } from './agent.ts';
import type { Decision } from './decision.ts';
import { DomainError } from './errors.ts';
import type { Run } from './run.ts';

/** A decision may change what a run has come to, never whose and which it is: indexes and sums stand on that. */
const IDENTITY = ['id', 'userId', 'agentId', 'conversationId', 'createdAt'] as const;

/**
 * Requires the same run, and events that go on where the earlier ones ended: everything that reads by `seq` relies on it.
 * @param before null for a new run
 */
export const requireFollowing = (before: Run | null, { run, events }: Decision): void => {
  if (before !== null && !IDENTITY.every((field) => before[field] === run[field])) {
    throw new DomainError('internal', `A decision on run ${before.id} would make another run of it.`);
  }
  const lastSeq = before?.lastSeq ?? 0;
  const inOrder = events.every((event, index) => event.seq === lastSeq + 1 + index);
  if (inOrder && run.lastSeq === lastSeq + events.length) return;
  throw new DomainError('internal', `A decision on run ${run.id} has events that do not follow on ${lastSeq}.`);
};

/** Requires the same agent, and no earlier revision of it. */
export const requireSameAgent = (before: Agent, after: Agent): void => {
  const same = before.id === after.id && before.userId === after.userId && before.createdAt === after.createdAt;
  if (same && after.revision >= before.revision) return;
  throw new DomainError(
    'internal',
    `A change of agent ${before.id} would make another agent or an older revision of it.`,
  );
};
