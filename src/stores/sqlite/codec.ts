/** Rows to domain values and back: the only place that believes what the database says. */
import type { Agent } from '../../core/agent.ts';
import type { ApiKey } from '../../core/api-key.ts';
import type { Conversation, Message } from '../../core/conversation.ts';
import { DomainError } from '../../core/errors.ts';
import type { RunEvent } from '../../core/events.ts';
import type { AgentId, KeyId, RunId, UserId } from '../../core/ids.ts';
import { DEFAULT_LIMITS } from '../../core/limits.ts';
import { isLive, isTerminal, RUN_STATUSES, type Run, type RunStatus } from '../../core/run.ts';
import type { IdempotencyRecord } from '../../ports/idempotency-store.ts';
import type { Row } from './connection.ts';

const unreadable = (what: string, cause?: unknown): DomainError =>
  new DomainError('internal', `The database holds ${what} that cannot be read.`, {
    hint: 'It was changed by something else than Slipway. Restore it from a backup.',
    cause,
  });

export const text = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw unreadable(`a ${column}`);
};

export const number = (row: Row, column: string): number => {
  const value = row[column];
  if (typeof value === 'number') return value;
  throw unreadable(`a ${column}`);
};

const numberOrNull = (row: Row, column: string): number | null => (row[column] === null ? null : number(row, column));

/** Random bytes, as they were stored. */
export const bytes = (row: Row, column: string): Uint8Array => {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw unreadable(`a ${column}`);
};

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON object with at least the `needed` fields. */
const object = (row: Row, column: string, what: string, needed: readonly string[]): Fields => {
  const json = text(row, column);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw unreadable(what, cause);
  }
  if (isFields(value) && needed.every((field) => field in value)) return value;
  throw unreadable(what);
};

export const runId = (row: Row, column: string): RunId => text(row, column) as RunId;
export const runStatus = (row: Row, column: string): RunStatus => text(row, column) as RunStatus;
export const agentId = (row: Row, column: string): AgentId => text(row, column) as AgentId;

/**
 * A run's row: `doc` holds what no other column does, the task stands in a table of its own, since it can be large and
 * never changes. `status`, `live`, `claim_at` and `ended_at` repeat the state for the indexes.
 */
export interface RunRow {
  readonly doc: string;
  readonly status: string;
  readonly live: 0 | 1;
  /** From when on the run is claimable; null when it is over. */
  readonly claimAt: number | null;
  readonly endedAt: number | null;
}

export const encodeRun = (run: Run): RunRow => {
  const { id, userId, agentId, conversationId, task, lastSeq, createdAt, ...rest } = run;
  const { state } = run;
  return {
    doc: JSON.stringify(rest),
    status: state.status,
    live: isLive(run) ? 1 : 0,
    claimAt: state.status === 'queued' ? state.notBefore : 'lease' in state ? state.lease.expiresAt : null,
    endedAt: isTerminal(run) && 'endedAt' in state ? state.endedAt : null,
  };
};

const RUN_FIELDS = ['trigger', 'executor', 'sessionId', 'attempt', 'leaseToken', 'tokenUsage', 'state'] as const;

/** A limit that was added to the product after a task was stored has its default. */
const withAllLimits = (task: Fields): Fields => ({
  ...task,
  limits: { ...DEFAULT_LIMITS, ...(isFields(task.limits) ? task.limits : {}) },
});

/** @param row with the columns of `runs` and the `task` */
export const decodeRun = (row: Row): Run => {
  const what = `run ${text(row, 'id')}`;
  const rest = object(row, 'doc', what, RUN_FIELDS);
  const { state } = rest;
  if (!isFields(state) || !RUN_STATUSES.some((status) => status === state.status)) throw unreadable(what);
  return {
    ...rest,
    id: text(row, 'id'),
    userId: text(row, 'user_id'),
    agentId: row.agent_id,
    conversationId: row.conversation_id,
    task: withAllLimits(object(row, 'task', what, ['prompt', 'limits'])),
    lastSeq: number(row, 'last_seq'),
    createdAt: number(row, 'created_at'),
  } as unknown as Run;
};

export const decodeEvent = (row: Row): RunEvent =>
  ({
    seq: number(row, 'seq'),
    at: number(row, 'at'),
    type: text(row, 'type'),
    data: object(row, 'data', 'an event', []),
  }) as unknown as RunEvent;

export const encodeAgent = (agent: Agent): string => JSON.stringify(agent);

export const decodeAgent = (row: Row): Agent => {
  const doc = object(row, 'doc', 'an agent', ['id', 'userId', 'name', 'task', 'status', 'revision']);
  return { ...doc, task: isFields(doc.task) ? withAllLimits(doc.task) : doc.task } as unknown as Agent;
};

export const encodeConversation = (conversation: Conversation): string => JSON.stringify(conversation);

export const decodeConversation = (row: Row): Conversation =>
  object(row, 'doc', 'a conversation', ['id', 'userId', 'sessionId', 'lastSeq']) as unknown as Conversation;

export const encodeMessage = (message: Message): string => JSON.stringify(message);

export const decodeMessage = (row: Row): Message =>
  object(row, 'doc', 'a message', ['seq', 'at', 'role', 'text']) as unknown as Message;

export const decodeApiKey = (row: Row): ApiKey => ({
  id: text(row, 'id') as KeyId,
  userId: text(row, 'user_id') as UserId,
  name: text(row, 'name'),
  hash: text(row, 'hash'),
  prefix: text(row, 'prefix'),
  createdAt: number(row, 'created_at'),
  lastUsedAt: numberOrNull(row, 'last_used_at'),
  revokedAt: numberOrNull(row, 'revoked_at'),
});

export const encodeAnswer = (record: IdempotencyRecord): string => JSON.stringify(record.answer);

export const decodeIdempotencyRecord = (row: Row): IdempotencyRecord => ({
  userId: text(row, 'user_id') as UserId,
  key: text(row, 'key'),
  fingerprint: text(row, 'fingerprint'),
  answer: object(row, 'answer', 'an answer', ['status', 'headers', 'body']) as unknown as IdempotencyRecord['answer'],
  expiresAt: number(row, 'expires_at'),
});
