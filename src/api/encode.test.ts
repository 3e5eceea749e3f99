import { describe, expect, it } from 'vitest';
import type { EventDraft, EventType } from '../core/events.ts';
import type { AgentId, ConversationId, RunId, UserId } from '../core/ids.ts';
import { DEFAULT_LIMITS } from '../core/limits.ts';
import type { Run } from '../core/run.ts';
import { NO_USAGE } from '../core/usage.ts';
import { encodeEvent, encodeInstant, encodeRun } from './encode.ts';
import { schemas } from './schemas.ts';

const DENIAL = { tool: 'Bash', toolUseId: 't1', input: { command: 'curl' } };
const FAILURE = { code: 'deadline', message: 'm', hint: null } as const;
const ENDED = { limitsHit: ['memory'], permissionDenials: [DENIAL], tokenUsage: NO_USAGE, costUsd: null } as const;

/** One of each type. */
const DRAFTS: { readonly [Type in EventType]: Extract<EventDraft, { type: Type }>['data'] } = {
  'run.queued': { trigger: 'schedule', attempt: 0, reason: null },
  'run.starting': { attempt: 1, executor: 'local' },
  'run.preparing': { step: 'packages', status: 'started', detail: 'pandas==2.2.2', durationMs: null },
  'run.running': { attempt: 1 },
  'run.stopping': { reason: 'idle', detail: null },
  'run.succeeded': { ...ENDED, stopReason: 'end_turn', result: { text: 'x', structured: { a: 1 } }, error: null },
  'run.failed': { ...ENDED, stopReason: 'error', result: null, error: { ...FAILURE, code: 'no_result', hint: 'h' } },
  'run.timed_out': { ...ENDED, stopReason: 'deadline', result: null, error: FAILURE },
  'run.cancelled': { ...ENDED, stopReason: 'cancelled', result: { text: 'x', structured: null }, error: FAILURE },
  'run.skipped': { reason: 'r' },
  'agent.init': {
    sessionId: 's',
    model: 'm',
    permissionMode: 'plan',
    tools: ['Read'],
    mcpServers: [{ name: 'x' }],
    harnessVersion: '1',
  },
  'agent.message': { messageId: 'm', content: [{ type: 'text', text: 'x' }] },
  'agent.thinking': { messageId: 'm', thinking: 't' },
  'agent.tool_use': { messageId: 'm', id: 't', name: 'Read', input: { path: 'x' } },
  'agent.tool_result': { toolUseId: 't', isError: false, content: [{ type: 'text', text: 'x' }] },
  'agent.denied': { ...DENIAL, hint: 'h' },
  usage: { ...NO_USAGE, model: 'm', costUsd: 0.1, estimated: true, total: { ...NO_USAGE, costUsd: null } },
  log: { stream: 'slipway', level: 'warn', text: 't' },
  'egress.refused': { host: 'a.example', port: 443, reason: 'r', hint: 'h' },
  artifact: { path: 'a', size: 1, status: 'added' },
  truncated: { what: 'line', bytes: 2, keptBytes: 1 },
};

const strict = schemas.Event.options.map((form) => form.extend({ data: form.shape.data }).strict());

describe('encodeEvent', () => {
  it.each(Object.entries(DRAFTS))('gives %s the form that the schema promises', (type, data) => {
    const event = encodeEvent({ seq: 3, at: 0, ...({ type, data } as EventDraft) });
    expect(event).toMatchObject({ seq: 3, at: '1970-01-01T00:00:00.000Z', type });
    const form = strict.find((one) => one.shape.type.value === type);
    // Parsing drops what the schema does not know, so an equal result means that all of it is documented.
    expect(form?.parse(event)).toEqual(event);
  });

  it('shows result and error as a run shows them', () => {
    const failed = encodeEvent({ seq: 1, at: 0, type: 'run.timed_out', data: DRAFTS['run.timed_out'] });
    expect(failed.data).toEqual({ ...ENDED, stopReason: 'deadline', error: { code: 'deadline', message: 'm' } });
    const cancelled = encodeEvent({ seq: 1, at: 0, type: 'run.cancelled', data: DRAFTS['run.cancelled'] });
    expect(cancelled.data).toMatchObject({ result: { text: 'x' } });
  });
});

const RUN: Run = {
  id: 'r' as RunId,
  userId: 'u' as UserId,
  agentId: 'a' as AgentId,
  agentRevision: 2,
  conversationId: 'c' as ConversationId,
  trigger: { kind: 'schedule', firedFor: 0 },
  task: {
    prompt: 'p',
    model: null,
    permissionMode: 'plan',
    allowedTools: [],
    disallowedTools: [],
    requiredPackages: [],
    mcpServers: {},
    outputSchema: null,
    limits: { ...DEFAULT_LIMITS, maxTurns: 3 },
    network: { allow: [] },
    source: null,
  },
  retryOf: 'o' as RunId,
  executor: 'local',
  sessionId: 's',
  attempt: 2,
  leaseToken: 1,
  stop: { reason: 'deadline', at: 1, detail: null },
  model: 'm',
  permissionDenials: [DENIAL],
  tokenUsage: NO_USAGE,
  costUsd: 0.5,
  lastSeq: 9,
  createdAt: 0,
  state: {
    status: 'timed_out',
    result: null,
    failure: FAILURE,
    startedAt: 1,
    endedAt: 2,
    stopReason: 'deadline',
    limitsHit: ['deadline'],
  },
};

describe('encodeRun', () => {
  it('shows what the contract names, and nothing of how the server keeps it', () => {
    expect(encodeRun(RUN)).toEqual({
      id: 'r',
      agentId: 'a',
      conversationId: 'c',
      userId: 'u',
      trigger: { kind: 'schedule' },
      title: 'p',
      status: 'timed_out',
      stopReason: 'deadline',
      attempt: 2,
      error: { code: 'deadline', message: 'm' },
      limitsHit: ['deadline'],
      permissionDenials: [DENIAL],
      tokenUsage: NO_USAGE,
      costUsd: 0.5,
      model: 'm',
      sessionId: 's',
      executor: 'local',
      limits: {
        timeoutSeconds: 300,
        idleSeconds: 120,
        memoryMb: 1024,
        diskMb: 4096,
        cpus: 1,
        maxProcesses: 256,
        maxTurns: 3,
        maxOutputBytes: 67_108_864,
      },
      createdAt: encodeInstant(0),
      startedAt: encodeInstant(1),
      endedAt: encodeInstant(2),
      retryOf: 'o',
    });
  });

  it('calls only a cancellation one', () => {
    expect(encodeRun({ ...RUN, stop: { reason: 'cancelled', at: 5, detail: null } }).cancelRequestedAt).toBe(
      '1970-01-01T00:00:00.005Z',
    );
    expect(encodeRun({ ...RUN, stop: null })).not.toHaveProperty('cancelRequestedAt');
  });
});
