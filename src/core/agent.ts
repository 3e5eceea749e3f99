/** What to do: an agent, and the part of it that a run takes a snapshot of. */
import type { AgentId, Instant, RunId, UserId } from './ids.ts';
import type { JsonObject } from './json.ts';
import type { Limits } from './limits.ts';
import type { RunStatus } from './run.ts';
import type { TokenUsage } from './usage.ts';

/** The Claude CLI's permission modes that make sense unattended. */
export const PERMISSION_MODES = ['default', 'acceptEdits', 'plan', 'dontAsk', 'bypassPermissions'] as const;
export type PermissionMode = (typeof PERMISSION_MODES)[number];

/** What to do with a firing while the run of an earlier one is alive: drop it visibly, or run it beside. */
export const OVERLAP_POLICIES = ['skip', 'allow'] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

export interface Schedule {
  /** Five fields, as cron has them. */
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
  readonly overlap: OverlapPolicy;
}

export interface Source {
  readonly git: string;
  readonly ref: string;
}

/** Everything that an execution needs; a run keeps its own copy, so editing an agent never changes a run. */
export interface Task {
  readonly prompt: string;
  /** Model name; null = the CLI's default. */
  readonly model: string | null;
  readonly permissionMode: PermissionMode;
  readonly allowedTools: readonly string[];
  readonly disallowedTools: readonly string[];
  readonly requiredPackages: readonly string[];
  readonly mcpServers: JsonObject;
  /** JSON Schema that the result must satisfy; null = free text. */
  readonly outputSchema: JsonObject | null;
  readonly limits: Limits;
  readonly network: { readonly allow: readonly string[] };
  readonly source: Source | null;
  /** In place of the agent program's own instructions; left out, those stay. */
  readonly systemPrompt?: string;
  /** `none`: the model is offered no tool but the one for structured output. */
  readonly tools?: 'none';
}

export const AGENT_STATUSES = ['active', 'paused'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

export interface Agent {
  readonly id: AgentId;
  readonly userId: UserId;
  readonly name: string;
  readonly task: Task;
  readonly schedule: Schedule | null;
  readonly status: AgentStatus;
  /** Counts up by one with each change; the ETag. */
  readonly revision: number;
  /** Next firing; null when there is no schedule or the agent is paused. */
  readonly nextFireAt: Instant | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** What a reader of an agent also wants to see, summed over its runs. */
export interface AgentTotals {
  readonly lastRun: { readonly id: RunId; readonly status: RunStatus; readonly createdAt: Instant } | null;
  readonly tokenUsage: TokenUsage;
}
