/** Valid values of the domain, for tests: each maker takes what matters to the test and fills in the rest. */
import { randomBytes } from 'node:crypto';
import type { Agent, Task } from '../../../src/core/agent.ts';
import type { ApiKey } from '../../../src/core/api-key.ts';
import type { Conversation, Message } from '../../../src/core/conversation.ts';
import {
  type AgentId,
  type ConversationId,
  type Instant,
  type KeyId,
  type RunId,
  type UserId,
  uuidv7,
} from '../../../src/core/ids.ts';
import { DEFAULT_LIMITS } from '../../../src/core/limits.ts';
import type { NewRun } from '../../../src/core/transitions.ts';
import type { IdempotencyRecord } from '../../../src/ports/idempotency-store.ts';

/** The instant at which tests begin: noon, so that neither day's edge is near. */
export const NOW: Instant = Date.UTC(2026, 2, 10, 12);
export const SECOND = 1_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

// The fixtures are where ids come into a test, so here, as in a decoder, text becomes a branded id.
const id = (): string => uuidv7(NOW, randomBytes(10));
export const newRunId = (): RunId => id() as RunId;
export const newAgentId = (): AgentId => id() as AgentId;
export const newConversationId = (): ConversationId => id() as ConversationId;
export const newKeyId = (): KeyId => id() as KeyId;
export const userId = (name: string): UserId => name as UserId;

export const ALICE = userId('alice');
export const BOB = userId('bob');

/** A small task without tools, packages or network. */
export const task = (overrides: Partial<Task> = {}): Task => ({
  prompt: 'Say hello.',
  model: null,
  permissionMode: 'acceptEdits',
  allowedTools: [],
  disallowedTools: [],
  requiredPackages: [],
  mcpServers: {},
  outputSchema: null,
  limits: DEFAULT_LIMITS,
  network: { allow: [] },
  source: null,
  ...overrides,
});

/** A run of Alice's without an agent, started by hand. */
export const newRun = (overrides: Partial<NewRun> = {}): NewRun => ({
  id: newRunId(),
  userId: ALICE,
  agentId: null,
  agentRevision: null,
  conversationId: null,
  trigger: { kind: 'manual', firedFor: null },
  task: task(),
  retryOf: null,
  executor: 'local',
  sessionId: id(),
  ...overrides,
});

/** An active agent of Alice's without a schedule. */
export const newAgent = (overrides: Partial<Agent> = {}): Agent => ({
  id: newAgentId(),
  userId: ALICE,
  name: 'Greeter',
  task: task(),
  schedule: null,
  status: 'active',
  revision: 1,
  nextFireAt: null,
  createdAt: NOW,
  updatedAt: NOW,
  ...overrides,
});

/** A conversation of Alice's without a message. */
export const newConversation = (overrides: Partial<Conversation> = {}): Conversation => ({
  id: newConversationId(),
  userId: ALICE,
  title: 'A greeter',
  sessionId: id(),
  lastSeq: 0,
  activeRunId: null,
  createdAt: NOW,
  updatedAt: NOW,
  ...overrides,
});

/** A user's message. */
export const newMessage = (overrides: Partial<Message> = {}): Message => ({
  seq: 1,
  at: NOW,
  role: 'user',
  text: 'Greet me each morning.',
  runId: null,
  status: 'done',
  data: null,
  ...overrides,
});

/** A key of Alice's that was never used. */
export const newApiKey = (overrides: Partial<ApiKey> = {}): ApiKey => ({
  id: newKeyId(),
  userId: ALICE,
  name: 'laptop',
  hash: randomBytes(32).toString('hex'),
  prefix: 'slw_abcd',
  createdAt: NOW,
  lastUsedAt: null,
  revokedAt: null,
  ...overrides,
});

/** Alice's first answer under a key, kept for a day. */
export const newIdempotencyRecord = (overrides: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  userId: ALICE,
  key: randomBytes(8).toString('hex'),
  fingerprint: randomBytes(32).toString('hex'),
  answer: { status: 202, headers: { location: '/runs/1' }, body: '{"message":"Accepted"}' },
  expiresAt: NOW + DAY,
  ...overrides,
});
