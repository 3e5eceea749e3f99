/** Runs on the wire. */
import { z } from 'zod';
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

/** Answer of `POST /agents/{id}/run`. */
export const AgentRunAccepted = z.object({ message: z.string(), executionId: uuid, run: Run });
export type AgentRunAcceptedView = z.infer<typeof AgentRunAccepted>;
