/** Agents on the wire. */
import { z } from 'zod';
import { AGENT_STATUSES, OVERLAP_POLICIES, PERMISSION_MODES } from '../core/agent.ts';
import { DEFAULT_LIMITS, LIMIT_BOUNDS, type Limits } from '../core/limits.ts';
import { RUN_STATUSES } from '../core/run.ts';
import {
  agentName,
  inputText,
  modelName,
  network,
  outputSchema,
  packageNames,
  promptText,
  source,
  toolNames,
} from './fields.ts';
import { mcpServers } from './mcp-servers.ts';

export const instant = z.string().meta({ format: 'date-time', description: 'RFC 3339, UTC.' });
export const uuid = z.string().meta({ format: 'uuid' });
const count = z.number().meta({ type: 'integer', minimum: 0 });

export const TokenUsage = z.object({
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
});

const whole = (name: keyof Limits) => z.int().min(LIMIT_BOUNDS[name].min).max(LIMIT_BOUNDS[name].max);
const decimal = (name: keyof Limits) => z.number().min(LIMIT_BOUNDS[name].min).max(LIMIT_BOUNDS[name].max);

/** Limits as a caller gives them; null lifts an optional one. */
export const LimitsPatch = z
  .strictObject({
    timeoutSeconds: whole('timeoutSeconds').optional(),
    idleSeconds: whole('idleSeconds').optional(),
    memoryMb: whole('memoryMb').optional(),
    diskMb: whole('diskMb').optional(),
    cpus: decimal('cpus').optional(),
    maxProcesses: whole('maxProcesses').optional(),
    maxTurns: whole('maxTurns').nullable().optional(),
    maxBudgetUsd: decimal('maxBudgetUsd').nullable().optional(),
    maxOutputBytes: whole('maxOutputBytes').optional(),
  })
  .meta({
    description: `Limits; what is left out keeps its value, at first ${JSON.stringify(DEFAULT_LIMITS)}. null lifts maxTurns or maxBudgetUsd.`,
  });

export const LimitsView = z.object({
  timeoutSeconds: z.number(),
  idleSeconds: z.number(),
  memoryMb: z.number(),
  diskMb: z.number(),
  cpus: z.number(),
  maxProcesses: z.number(),
  maxTurns: z.number().optional(),
  maxBudgetUsd: z.number().optional(),
  maxOutputBytes: z.number(),
});

const isCron = (text: string): boolean => {
  const fields = text.trim().split(/\s+/);
  return fields.length === 5 && fields.every((field) => /^[0-9A-Za-z*,/#?+-]+$/.test(field));
};

const isTimeZone = (name: string): boolean => {
  try {
    // An offset such as +09:00 is taken by Intl, but is no place that keeps a calendar.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
};

export const Schedule = z.strictObject({
  cron: z
    .string()
    .max(200)
    .refine(isCron, { error: 'must be five cron fields, such as 0 9 * * 1' })
    .meta({ examples: ['0 9 * * 1'] }),
  timezone: z
    .string()
    .max(100)
    .refine(isTimeZone, { error: 'must be an IANA time zone, such as Europe/Berlin' })
    .default('UTC')
    .meta({ examples: ['Asia/Seoul'] }),
  overlap: z
    .enum(OVERLAP_POLICIES)
    .default('skip')
    .meta({ description: 'What to do with a firing while the run of an earlier one is alive.' }),
});

const permissionMode = z.enum(PERMISSION_MODES);
const status = z.enum(AGENT_STATUSES);

export const DEFAULT_PERMISSION_MODE = 'acceptEdits';

const taskFields = {
  prompt: promptText,
  model: modelName.nullable().default(null),
  permissionMode: permissionMode.default(DEFAULT_PERMISSION_MODE),
  allowedTools: toolNames.default([]),
  disallowedTools: toolNames.default([]),
  requiredPackages: packageNames.default([]),
  mcpServers: mcpServers.default({}),
  outputSchema: outputSchema.nullable().default(null),
  limits: LimitsPatch.default({}),
  network: network.default({ allow: [] }),
  source: source.nullable().default(null),
};

/** Body of `POST /runs`: what an agent has, but for name, schedule and status. */
export const RunCreate = z.strictObject(taskFields);

/** Body of `POST /agents`. */
export const AgentCreate = z.strictObject({
  name: agentName,
  ...taskFields,
  schedule: Schedule.nullable().default(null),
  status: status.default('active'),
});

/** Body of `PATCH /agents/{id}`. */
export const AgentUpdate = z
  .strictObject({
    name: agentName.optional(),
    prompt: promptText.optional(),
    model: modelName.nullable().optional(),
    permissionMode: permissionMode.optional(),
    allowedTools: toolNames.optional(),
    disallowedTools: toolNames.optional(),
    requiredPackages: packageNames.optional(),
    mcpServers: mcpServers.optional(),
    outputSchema: outputSchema.nullable().optional(),
    limits: LimitsPatch.optional(),
    network: network.optional(),
    source: source.nullable().optional(),
    schedule: Schedule.nullable().optional(),
    status: status.optional(),
  })
  .meta({
    description:
      'What is left out stays. `limits` are merged one by one; every other field is replaced whole. null removes an optional field.',
  });

/** Body of `POST /agents/{id}/run`. */
export const AgentRun = z.strictObject({ input: inputText.nullable().optional(), limits: LimitsPatch.optional() });

/** A request that takes no fields. */
export const NoFields = z.strictObject({});

export const LastRun = z.object({ id: uuid, status: z.enum(RUN_STATUSES), createdAt: instant });

export const Agent = z.object({
  id: uuid,
  userId: z.string(),
  name: z.string(),
  prompt: z.string(),
  model: z.string().optional(),
  permissionMode,
  allowedTools: z.array(z.string()),
  disallowedTools: z.array(z.string()),
  requiredPackages: z.array(z.string()),
  mcpServers: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  limits: LimitsView,
  network: z.object({ allow: z.array(z.string()) }),
  source: z.object({ git: z.string(), ref: z.string() }).optional(),
  schedule: z.object({ cron: z.string(), timezone: z.string(), overlap: z.enum(OVERLAP_POLICIES) }).optional(),
  status,
  nextFireAt: instant.optional().meta({ description: 'Next firing of the schedule; absent when there is none.' }),
  revision: z.number().meta({ type: 'integer', minimum: 1 }),
  lastRun: LastRun.nullable(),
  totalTokenUsage: TokenUsage,
  createdAt: instant,
  updatedAt: instant,
});
export type AgentView = z.infer<typeof Agent>;
