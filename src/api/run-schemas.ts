/** Runs on the wire. */
import { z } from 'zod';
import { PERMISSION_MODES } from '../core/agent.ts';
import { FAILURE_CODES, LIMIT_HITS, RUN_STATUSES, STOP_REASONS, TRIGGER_KINDS } from '../core/run.ts';
import { instant, LimitsView, TokenUsage, uuid } from './agent-schemas.ts';

export const costUsd = z
  .number()
  .nullable()
  .meta({ description: 'US dollars as metered; null = a part of it is not known, which is not the same as zero.' });

export const RunFailure = z.object({
  code: z.enum(FAILURE_CODES),
  message: z.string(),
  hint: z.string().optional(),
});

export const RunResult = z.object({
  text: z.string(),
  structured: z.unknown().optional().meta({ description: 'Present when the output satisfied `outputSchema`.' }),
});

export const PermissionDenial = z.object({
  tool: z.string(),
  toolUseId: z.string(),
  input: z.record(z.string(), z.unknown()),
});

export const stopReason = z.enum(STOP_REASONS);
export const triggerKind = z.enum(TRIGGER_KINDS);

export const Run = z.object({
  id: uuid,
  agentId: uuid.optional(),
  conversationId: uuid.optional(),
  userId: z.string(),
  trigger: z.object({ kind: triggerKind }),
  title: z.string().meta({ description: 'First line of the prompt, cut at 120 characters.' }),
  status: z.enum(RUN_STATUSES),
  stopReason: stopReason.optional(),
  attempt: z.number().meta({ type: 'integer', minimum: 0, description: 'How often it was started.' }),
  result: RunResult.optional(),
  error: z
    .object({ ...RunFailure.shape, code: z.enum([...FAILURE_CODES, 'skipped']) })
    .optional()
    .meta({ description: 'Why it did not succeed; of a skipped run, why it was skipped.' }),
  limitsHit: z.array(z.enum(LIMIT_HITS)).meta({ description: 'Limits of the place that the run ran into.' }),
  permissionDenials: z.array(PermissionDenial),
  tokenUsage: TokenUsage,
  costUsd,
  model: z.string().nullable(),
  sessionId: z.string(),
  executor: z.string(),
  limits: LimitsView,
  createdAt: instant,
  startedAt: instant.optional(),
  endedAt: instant.optional(),
  retryOf: uuid.optional(),
  cancelRequestedAt: instant.optional(),
});
export type RunView = z.infer<typeof Run>;

/** What a run was told to do: its own copy, which no later change of the agent reaches. */
export const RunTask = z.object({
  agentRevision: z.number().optional().meta({ type: 'integer', minimum: 1 }),
  prompt: z.string(),
  model: z.string().optional(),
  permissionMode: z.enum(PERMISSION_MODES),
  allowedTools: z.array(z.string()),
  disallowedTools: z.array(z.string()),
  requiredPackages: z.array(z.string()),
  mcpServers: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  network: z.object({ allow: z.array(z.string()) }),
  source: z.object({ git: z.string(), ref: z.string() }).optional(),
});
export type RunTaskView = z.infer<typeof RunTask>;

/** Answer of `POST /agents/{id}/run`. */
export const AgentRunAccepted = z.object({ message: z.string(), executionId: uuid, run: Run });
export type AgentRunAcceptedView = z.infer<typeof AgentRunAccepted>;
