/** From the wire to the domain: bodies become tasks, drafts and limits, with every default filled in. */
import type { z } from 'zod';
import type { Agent, AgentStatus, Schedule, Task } from '../core/agent.ts';
import type { JsonObject } from '../core/json.ts';
import { DEFAULT_LIMITS, type LimitsPatch, mergeLimits } from '../core/limits.ts';
import type { AgentCreate, AgentRun, AgentUpdate, RunCreate } from './agent-schemas.ts';

/** What a user decides of an agent. */
export interface AgentDraft {
  readonly name: string;
  readonly task: Task;
  readonly schedule: Schedule | null;
  readonly status: AgentStatus;
}

/** Bodies are JSON, so the parts that no schema looks into are JSON as well. */
const asJson = (value: Record<string, unknown>): JsonObject => value as JsonObject;

/** A task of its own: the body of `POST /runs`. */
export const decodeTask = (body: z.output<typeof RunCreate>): Task => ({
  prompt: body.prompt,
  model: body.model,
  permissionMode: body.permissionMode,
  allowedTools: body.allowedTools,
  disallowedTools: body.disallowedTools,
  requiredPackages: body.requiredPackages,
  mcpServers: asJson(body.mcpServers),
  outputSchema: body.outputSchema === null ? null : asJson(body.outputSchema),
  limits: mergeLimits(DEFAULT_LIMITS, body.limits),
  network: body.network,
  source: body.source,
});

/** A new agent: the body of `POST /agents`. */
export const decodeAgent = (body: z.output<typeof AgentCreate>): AgentDraft => ({
  name: body.name,
  task: decodeTask(body),
  schedule: body.schedule,
  status: body.status,
});

/** What an agent is to become: the body of `PATCH /agents/{id}` over the agent as it is. */
export const decodeAgentUpdate =
  (body: z.output<typeof AgentUpdate>) =>
  (agent: Agent): AgentDraft => {
    const { task } = agent;
    return {
      name: body.name ?? agent.name,
      schedule: keepUnlessGiven(body.schedule, agent.schedule),
      status: body.status ?? agent.status,
      task: {
        prompt: body.prompt ?? task.prompt,
        model: keepUnlessGiven(body.model, task.model),
        permissionMode: body.permissionMode ?? task.permissionMode,
        allowedTools: body.allowedTools ?? task.allowedTools,
        disallowedTools: body.disallowedTools ?? task.disallowedTools,
        requiredPackages: body.requiredPackages ?? task.requiredPackages,
        mcpServers: body.mcpServers === undefined ? task.mcpServers : asJson(body.mcpServers),
        outputSchema: keepUnlessGiven(body.outputSchema && asJson(body.outputSchema), task.outputSchema),
        limits: mergeLimits(task.limits, body.limits),
        network: body.network ?? task.network,
        source: keepUnlessGiven(body.source, task.source),
      },
    };
  };

const keepUnlessGiven = <Value>(given: Value | null | undefined, kept: Value | null): Value | null =>
  given === undefined ? kept : given;

/** What a call of an agent adds: the body of `POST /agents/{id}/run`. */
export const decodeAgentRun = (body: z.output<typeof AgentRun>): { input: string | null; limits: LimitsPatch } => ({
  input: body.input === undefined || body.input === null || body.input.trim() === '' ? null : body.input,
  limits: body.limits ?? {},
});
