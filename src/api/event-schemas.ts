/** Events on the wire: one form for each type. */
import { z } from 'zod';
import { PREPARATION_STATUSES, PREPARATION_STEPS } from '../core/events.ts';
import { END_REASONS, LIMIT_HITS } from '../core/run.ts';
import { instant, TokenUsage } from './agent-schemas.ts';
import { costUsd, PermissionDenial, RunFailure, RunResult, stopReason, triggerKind } from './run-schemas.ts';

const attempt = z.number().meta({ type: 'integer', minimum: 0 });
const bytes = z.number().meta({ type: 'integer', minimum: 0 });

const Ended = z.object({
  stopReason,
  result: RunResult.optional(),
  error: RunFailure.optional(),
  limitsHit: z.array(z.enum(LIMIT_HITS)),
  permissionDenials: z.array(PermissionDenial),
  tokenUsage: TokenUsage,
  costUsd,
});

const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({
    seq: z.number().meta({ type: 'integer', minimum: 1, description: 'Starts at 1, has no gaps, never repeats.' }),
    at: instant,
    type: z.literal(type),
    data,
  });

/** One numbered fact about a run. */
export const Event = z.discriminatedUnion('type', [
  event('run.queued', z.object({ trigger: triggerKind, attempt, reason: z.string().nullable() })),
  event('run.starting', z.object({ attempt, executor: z.string() })),
  event(
    'run.preparing',
    z.object({
      step: z.enum(PREPARATION_STEPS),
      status: z.enum(PREPARATION_STATUSES),
      detail: z.string(),
      durationMs: z.number().nullable(),
    }),
  ),
  event('run.running', z.object({ attempt })),
  event('run.stopping', z.object({ reason: z.enum(END_REASONS), detail: z.string().nullable() })),
  event('run.succeeded', Ended),
  event('run.failed', Ended),
  event('run.timed_out', Ended),
  event('run.cancelled', Ended),
  event('run.skipped', z.object({ reason: z.string() })),
  event(
    'agent.init',
    z.object({
      sessionId: z.string(),
      model: z.string(),
      permissionMode: z.string(),
      tools: z.array(z.string()),
      mcpServers: z.array(z.unknown()),
      harnessVersion: z.string(),
    }),
  ),
  event('agent.message', z.object({ messageId: z.string(), content: z.array(z.record(z.string(), z.unknown())) })),
  event('agent.thinking', z.object({ messageId: z.string(), thinking: z.string() })),
  event(
    'agent.tool_use',
    z.object({
      messageId: z.string(),
      id: z.string(),
      name: z.string(),
      input: z.record(z.string(), z.unknown()),
    }),
  ),
  event('agent.tool_result', z.object({ toolUseId: z.string(), isError: z.boolean(), content: z.unknown() })),
  event('agent.denied', PermissionDenial.extend({ hint: z.string() })),
  event(
    'usage',
    TokenUsage.extend({
      model: z.string(),
      costUsd,
      estimated: z.boolean(),
      total: TokenUsage.extend({ costUsd }),
    }),
  ),
  event(
    'log',
    z.object({
      stream: z.enum(['stdout', 'stderr', 'slipway']),
      level: z.enum(['info', 'warn', 'error']),
      text: z.string(),
    }),
  ),
  event(
    'egress.refused',
    z.object({
      host: z.string(),
      port: z.number().meta({ type: 'integer', minimum: 0, maximum: 65_535 }),
      reason: z.string(),
      hint: z.string().meta({ description: 'The setting that would allow it, and whose it is.' }),
    }),
  ),
  event('artifact', z.object({ path: z.string(), size: bytes, status: z.enum(['added', 'modified', 'deleted']) })),
  event('truncated', z.object({ what: z.string(), bytes, keptBytes: bytes })),
]);
export type EventView = z.infer<typeof Event>;

/** A piece of a message while it is written: streamed only, without a number. */
export const Delta = z.object({
  type: z.literal('delta'),
  data: z.object({ messageId: z.string(), kind: z.enum(['text', 'thinking', 'tool_input']), text: z.string() }),
});
