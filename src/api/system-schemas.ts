/** What is neither agent nor run: problems, artifacts, usage, and the server itself. */
import { z } from 'zod';
import { PERMISSION_MODES } from '../core/agent.ts';
import { ERROR_CODES } from '../core/errors.ts';
import { LimitsView, TokenUsage } from './agent-schemas.ts';
import { HTTP_ERROR_CODES } from './errors.ts';
import { costUsd } from './run-schemas.ts';

export const FieldFault = z.object({
  pointer: z.string().meta({ description: 'JSON Pointer into the body, or the name of a query or header field.' }),
  message: z.string(),
});

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().meta({ type: 'integer' }),
    detail: z.string(),
    code: z.enum([...ERROR_CODES, ...HTTP_ERROR_CODES]),
    requestId: z.string(),
    hint: z.string().optional().meta({ description: 'What to do next.' }),
    errors: z.array(FieldFault).optional(),
  })
  .meta({ description: 'RFC 9457 problem document.' });
export type ProblemView = z.infer<typeof Problem>;

export const Artifact = z.object({
  path: z.string().meta({ description: 'Relative to the workspace, with `/`.' }),
  size: z.number().meta({ type: 'integer', minimum: 0 }),
  status: z.enum(['added', 'modified', 'deleted']),
  kind: z.enum(['file', 'symlink']),
  executable: z.boolean(),
  binary: z.boolean(),
  target: z.string().optional().meta({ description: 'Where a symbolic link points; it is never followed.' }),
});
export type ArtifactView = z.infer<typeof Artifact>;

const day = z.string().meta({ format: 'date' });
const runs = z.number().meta({ type: 'integer', minimum: 0 });

export const UsageSum = z.object({
  group: z.string().nullable().meta({ description: 'A day, an agent id (null: runs without an agent) or a model.' }),
  runs,
  tokenUsage: TokenUsage,
  costUsd,
});

export const Usage = z.object({
  from: day,
  to: day,
  groupBy: z.enum(['day', 'agent', 'model']),
  data: z.array(UsageSum),
  total: z.object({ runs, tokenUsage: TokenUsage, costUsd }),
});
export type UsageView = z.infer<typeof Usage>;

export const Health = z.object({ status: z.literal('ok') });

export const Ready = z.object({
  ready: z.boolean(),
  findings: z.array(
    z.object({
      part: z.string(),
      status: z.enum(['ok', 'degraded', 'missing']),
      detail: z.string().optional(),
      mend: z.string().optional().meta({ description: 'The command that mends it.' }),
    }),
  ),
});
export type ReadyView = z.infer<typeof Ready>;

export const Me = z.object({
  userId: z.string(),
  auth: z.string(),
  demo: z.boolean().meta({ description: 'Answers come from the scripted demo model, not from a real one.' }),
  version: z.string(),
  defaults: z
    .object({ permissionMode: z.enum(PERMISSION_MODES), limits: LimitsView })
    .meta({ description: 'What an agent gets that is made without them.' }),
});
