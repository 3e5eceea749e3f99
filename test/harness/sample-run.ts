/** Runs as the core makes them, for tests of the harness. */
import type { Task } from '../../src/core/agent.ts';
import type { RunId, UserId } from '../../src/core/ids.ts';
import type { Run } from '../../src/core/run.ts';
import { queue } from '../../src/core/transitions.ts';
import type { Exit } from '../../src/ports/executor.ts';
import { task } from '../contracts/stores/fixtures.ts';

/** A run of a task that differs from the default as told. */
export const sampleRun = (change: Partial<Task> = {}, sessionId = '0198c0de-0000-7000-8000-000000000001'): Run =>
  queue(
    {
      id: '0198c0de-0000-7000-8000-0000000000ff' as RunId,
      userId: 'tester' as UserId,
      agentId: null,
      agentRevision: null,
      conversationId: null,
      trigger: { kind: 'manual', firedFor: null },
      task: task(change),
      retryOf: null,
      executor: 'test',
      sessionId,
    },
    1_700_000_000_000,
  ).run;

/** An execution that ended by itself. */
export const ended = (change: Partial<Exit> = {}): Exit => ({
  code: 0,
  signal: null,
  endedBy: null,
  limitsHit: [],
  lost: false,
  ...change,
});
