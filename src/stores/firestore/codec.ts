/** Documents to domain values and back: the only place that believes what the database says. */
import type { Agent } from '../../core/agent.ts';
import type { ApiKey } from '../../core/api-key.ts';
import type { Conversation, Message } from '../../core/conversation.ts';
import { DomainError } from '../../core/errors.ts';
import type { RunEvent } from '../../core/events.ts';
import type { AgentId, ConversationId, KeyId, RunId, UserId } from '../../core/ids.ts';
import { DEFAULT_LIMITS } from '../../core/limits.ts';
import { isLive, isTerminal, RUN_STATUSES, type Run, type RunStatus } from '../../core/run.ts';
import type { IdempotencyRecord } from '../../ports/idempotency-store.ts';
import type { Fields, Stored } from './connection.ts';

const unreadable = (what: string, cause?: unknown): DomainError =>
  new DomainError('internal', `The database holds ${what} that cannot be read.`, {
    hint: 'It was changed by something else than Slipway. Restore it from a backup.',
    cause,
  });

export const text = (fields: Fields, name: string): string => {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw unreadable(`a ${name}`);
};

export const number = (fields: Fields, name: string): number => {
  const value = fields[name];
  if (typeof value === 'number') return value;
  throw unreadable(`a ${name}`);
};

const numberOrNull = (fields: Fields, name: string): number | null => {
  const value = fields[name];
  return value === null || value === undefined ? null : number(fields, name);
};

export const numbers = (fields: Fields, name: string): number[] => {
  const value = fields[name];
  if (Array.isArray(value) && value.every((part) => typeof part === 'number')) return value;
  throw unreadable(`${name}`);
};

/** Texts of a list; none when there is no list. */
export const texts = (fields: Fields, name: string): string[] => {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((part) => typeof part === 'string') : [];
};

/** Random bytes, as they were stored. */
export const bytes = (fields: Fields, name: string): Uint8Array => {
  const value = fields[name];
  if (value instanceof Uint8Array) return new Uint8Array(value);
  throw unreadable(`a ${name}`);
};

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (json: string | null, what: string): unknown => {
  if (json === null) throw unreadable(what);
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw unreadable(what, cause);
  }
};

/** A JSON object with at least the `needed` fields. */
const object = (json: string | null, what: string, needed: readonly string[]): Json => {
  const value = parse(json, what);
  if (isObject(value) && needed.every((field) => field in value)) return value;
  throw unreadable(what);
};

export const runId = (stored: Stored): RunId => stored.id as RunId;
export const agentId = (stored: Stored): AgentId => stored.id as AgentId;
export const conversationId = (stored: Stored): ConversationId => stored.id as ConversationId;
export const userId = (fields: Fields): UserId => text(fields, 'userId') as UserId;
export const runStatus = (fields: Fields): RunStatus => text(fields, 'status') as RunStatus;

/** What of a run never changes and is looked for: written once. */
export const identityOf = ({ userId: owner, agentId: agent, conversationId, createdAt }: Run) => ({
  userId: owner,
  agentId: agent,
  conversationId,
  createdAt,
});

/** What of a run is looked for and changes; it repeats the state. */
export const stateFields = (run: Run) => {
  const { state } = run;
  return {
    lastSeq: run.lastSeq,
    status: state.status,
    live: isLive(run),
    open: !isTerminal(run),
    stopping: run.stop !== null,
    /** From when on the run is claimable; null when it is over. */
    claimAt: state.status === 'queued' ? state.notBefore : 'lease' in state ? state.lease.expiresAt : null,
    endedAt: isTerminal(run) && 'endedAt' in state ? state.endedAt : null,
  };
};

/** The rest of a run: all that no field has, without the task, which can be large and never changes. */
export const encodeRun = (run: Run): string => {
  const { id, userId: _user, agentId: _agent, conversationId, task, lastSeq, createdAt, ...rest } = run;
  return JSON.stringify(rest);
};

const RUN_FIELDS = ['trigger', 'executor', 'sessionId', 'attempt', 'leaseToken', 'tokenUsage', 'state'] as const;

/** A limit that was added to the product after a task was stored has its default. */
const withAllLimits = (task: Json): Json => ({
  ...task,
  limits: { ...DEFAULT_LIMITS, ...(isObject(task.limits) ? task.limits : {}) },
});

export const decodeRun = (stored: Stored, doc: string | null, task: string | null): Run => {
  const what = `run ${stored.id}`;
  const rest = object(doc, what, RUN_FIELDS);
  const { state } = rest;
  if (!isObject(state) || !RUN_STATUSES.some((status) => status === state.status)) throw unreadable(what);
  const { fields } = stored;
  return {
    ...rest,
    id: stored.id,
    userId: text(fields, 'userId'),
    agentId: fields.agentId,
    conversationId: fields.conversationId,
    task: withAllLimits(object(task, what, ['prompt', 'limits'])),
    lastSeq: number(fields, 'lastSeq'),
    createdAt: number(fields, 'createdAt'),
  } as unknown as Run;
};

export const decodeEvents = (json: string | null): RunEvent[] => {
  const value = parse(json, 'events');
  if (Array.isArray(value) && value.every((event) => isObject(event) && typeof event.seq === 'number')) return value;
  throw unreadable('events');
};

export const decodeAgent = (json: string | null): Agent => {
  const doc = object(json, 'an agent', ['id', 'userId', 'name', 'task', 'status', 'revision']);
  return { ...doc, task: isObject(doc.task) ? withAllLimits(doc.task) : doc.task } as unknown as Agent;
};

export const decodeConversation = (json: string | null): Conversation =>
  object(json, 'a conversation', ['id', 'userId', 'sessionId', 'lastSeq']) as unknown as Conversation;

export const decodeMessage = (json: string | null): Message =>
  object(json, 'a message', ['seq', 'at', 'role', 'text']) as unknown as Message;

export const encodeApiKey = ({ id, ...key }: ApiKey): Fields => key;

export const decodeApiKey = ({ id, fields }: Stored): ApiKey => ({
  id: id as KeyId,
  userId: userId(fields),
  name: text(fields, 'name'),
  hash: text(fields, 'hash'),
  prefix: text(fields, 'prefix'),
  createdAt: number(fields, 'createdAt'),
  lastUsedAt: numberOrNull(fields, 'lastUsedAt'),
  revokedAt: numberOrNull(fields, 'revokedAt'),
});

export const decodeIdempotencyRecord = (json: string | null): IdempotencyRecord =>
  object(json, 'an answer', ['userId', 'key', 'fingerprint', 'answer', 'expiresAt']) as unknown as IdempotencyRecord;
