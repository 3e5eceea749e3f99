/** From the domain to the wire. What a record does not have is left out, unless the contract shows it as null. */
import type { Agent, AgentTotals, Task } from '../core/agent.ts';
import type { RunEvent } from '../core/events.ts';
import type { Instant } from '../core/ids.ts';
import type { Limits } from '../core/limits.ts';
import { isTerminal, type Run, type RunFailure, type RunResult, type RunState, startedAt } from '../core/run.ts';
import { shorten } from '../core/shorten.ts';
import { NO_USAGE } from '../core/usage.ts';
import type { AgentView } from './agent-schemas.ts';
import type { EventView } from './event-schemas.ts';
import type { AgentRunAcceptedView, RunTaskView, RunView } from './run-schemas.ts';

/** RFC 3339, UTC, with milliseconds. */
export const encodeInstant = (at: Instant): string => new Date(at).toISOString();

/** `{ [name]: value }`, or nothing when there is no value. */
const optional = <Name extends string, Value>(name: Name, value: Value | null): { [Key in Name]?: Value } =>
  value === null ? {} : ({ [name]: value } as { [Key in Name]?: Value });

export const encodeLimits = ({ maxTurns, maxBudgetUsd, ...limits }: Limits): RunView['limits'] => ({
  ...limits,
  ...optional('maxTurns', maxTurns),
  ...optional('maxBudgetUsd', maxBudgetUsd),
});

/** What an agent and a run show of their task, besides its limits. */
const encodeTaskFields = (task: Task): Omit<RunTaskView, 'agentRevision'> => ({
  prompt: task.prompt,
  ...optional('model', task.model),
  permissionMode: task.permissionMode,
  allowedTools: [...task.allowedTools],
  disallowedTools: [...task.disallowedTools],
  requiredPackages: [...task.requiredPackages],
  mcpServers: task.mcpServers,
  ...optional('outputSchema', task.outputSchema),
  network: { allow: [...task.network.allow] },
  ...optional('source', task.source),
});

/** What an agent without runs adds up to. */
export const NO_TOTALS: AgentTotals = { lastRun: null, tokenUsage: NO_USAGE };

export const encodeAgent = (agent: Agent, totals: AgentTotals): AgentView => {
  const { task } = agent;
  const { lastRun } = totals;
  return {
    id: agent.id,
    userId: agent.userId,
    name: agent.name,
    ...encodeTaskFields(task),
    limits: encodeLimits(task.limits),
    ...optional('schedule', agent.schedule),
    ...optional('nextFireAt', agent.nextFireAt === null ? null : encodeInstant(agent.nextFireAt)),
    status: agent.status,
    revision: agent.revision,
    lastRun:
      lastRun === null
        ? null
        : // A store reads the status from a column that only run records fill.
          { ...lastRun, createdAt: encodeInstant(lastRun.createdAt) },
    totalTokenUsage: { ...totals.tokenUsage },
    createdAt: encodeInstant(agent.createdAt),
    updatedAt: encodeInstant(agent.updatedAt),
  };
};

const encodeFailure = (failure: RunFailure): NonNullable<RunView['error']> => ({
  code: failure.code,
  message: failure.message,
  ...optional('hint', failure.hint),
});

const encodeResult = (result: RunResult): NonNullable<RunView['result']> => ({
  text: result.text,
  ...optional('structured', result.structured),
});

/** What only a state of the run has. */
const encodeState = (state: RunState): Pick<RunView, 'stopReason' | 'result' | 'error' | 'endedAt'> => {
  switch (state.status) {
    case 'queued':
    case 'starting':
    case 'running':
      return {};
    case 'skipped':
      return { error: { code: 'skipped', message: state.reason }, endedAt: encodeInstant(state.endedAt) };
    case 'succeeded':
      return {
        stopReason: state.stopReason,
        result: encodeResult(state.result),
        endedAt: encodeInstant(state.endedAt),
      };
    default:
      return {
        stopReason: state.stopReason,
        ...(state.result === null ? {} : { result: encodeResult(state.result) }),
        error: encodeFailure(state.failure),
        endedAt: encodeInstant(state.endedAt),
      };
  }
};

const TITLE_LENGTH = 120;

const titleOf = (prompt: string): string => shorten(prompt.trimStart().split('\n', 1)[0] ?? '', TITLE_LENGTH).trimEnd();

export const encodeTask = ({ task, agentRevision }: Run): RunTaskView => ({
  ...optional('agentRevision', agentRevision),
  ...encodeTaskFields(task),
});

export const encodeRun = (run: Run): RunView => {
  const began = startedAt(run);
  return {
    id: run.id,
    ...optional('agentId', run.agentId),
    ...optional('conversationId', run.conversationId),
    userId: run.userId,
    trigger: { kind: run.trigger.kind },
    title: titleOf(run.task.prompt),
    status: run.state.status,
    attempt: run.attempt,
    ...encodeState(run.state),
    limitsHit: 'limitsHit' in run.state ? [...run.state.limitsHit] : [],
    permissionDenials: run.permissionDenials.map((denial) => ({ ...denial })),
    tokenUsage: { ...run.tokenUsage },
    costUsd: run.costUsd,
    model: run.model,
    sessionId: run.sessionId,
    executor: run.executor,
    limits: encodeLimits(run.task.limits),
    createdAt: encodeInstant(run.createdAt),
    ...optional('startedAt', began === null ? null : encodeInstant(began)),
    ...optional('retryOf', run.retryOf),
    ...optional('cancelRequestedAt', run.stop?.reason === 'cancelled' ? encodeInstant(run.stop.at) : null),
  };
};

/** Says what became of a queued run, for people. */
const describeRun = (run: Run): string =>
  isTerminal(run) ? `The run is ${run.state.status}.` : 'The run is queued. Its id is good for reading how it goes.';

/** The answer to whoever had an agent, or a proposal, run. */
export const encodeAccepted = (run: Run): AgentRunAcceptedView => ({
  message: describeRun(run),
  executionId: run.id,
  run: encodeRun(run),
});

/** An event; its result and error have the form that they have on a run. */
export const encodeEvent = (event: RunEvent): EventView => {
  const { seq, type } = event;
  const at = encodeInstant(event.at);
  if (type === 'run.succeeded' || type === 'run.failed' || type === 'run.timed_out' || type === 'run.cancelled') {
    const { result, error, ...data } = event.data;
    const ended = {
      ...data,
      ...(result === null ? {} : { result: encodeResult(result) }),
      ...(error === null ? {} : { error: encodeFailure(error) }),
    };
    return { seq, at, type, data: ended } as EventView;
  }
  // The schema's form of the other types is the domain's, which `encode.test.ts` checks for each of them.
  return { seq, at, type, data: event.data } as EventView;
};
