/** Query strings. */
import { z } from 'zod';
import { isUuid } from '../core/ids.ts';
import { RUN_STATUSES, type RunStatus } from '../core/run.ts';

const DAY_MS = 86_400_000;
export const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

const isLimit = (text: string): boolean => /^[0-9]{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_LIMIT;
const limit = z
  .string()
  .refine(isLimit, { error: `must be a whole number from 1 to ${MAX_LIMIT}` })
  .transform(Number)
  .default(DEFAULT_LIMIT)
  .meta({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    description: `How many at most; ${DEFAULT_LIMIT} when left out.`,
  });

const cursor = z
  .string()
  .regex(/^[A-Za-z0-9._~:=-]{1,512}$/, { error: 'must be a `nextPage` that an earlier answer gave' })
  .optional()
  .meta({ description: 'The `nextPage` of the answer before.' });

/** True for the `seq` of an event, or 0, as text. */
export const isSeq = (text: string): boolean => /^[0-9]{1,15}$/.test(text);
const seq = z
  .string()
  .refine(isSeq, { error: 'must be the seq of an event, or 0' })
  .transform(Number)
  .optional()
  .meta({ type: 'integer', minimum: 0, description: 'Only events with a higher `seq`.' });

const isStatus = (text: string): text is RunStatus => RUN_STATUSES.some((status) => status === text);
const statuses = z
  .string()
  .transform((text) => text.split(','))
  .refine((list): list is RunStatus[] => list.every(isStatus), {
    error: `must be one or more of ${RUN_STATUSES.join(', ')}, with commas between`,
  })
  .optional()
  .meta({ description: `One or more of ${RUN_STATUSES.join(', ')}, with commas between.` });

/** Reads YYYY-MM-DD or an RFC 3339 time; null when it is neither. */
export const readInstant = (text: string): number | null => {
  const form = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?$/i.exec(text);
  const at = form === null ? Number.NaN : Date.parse(text.toUpperCase());
  const day = form?.[1] ?? '';
  // Date.parse moves 30 February on to March.
  if (Number.isNaN(at) || at < 0 || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) return null;
  return at;
};

const moment = z
  .string()
  .transform(readInstant)
  .refine((at): at is number => at !== null, { error: 'must be a date (YYYY-MM-DD) or an RFC 3339 time' })
  .optional();

const agentId = z.string().refine(isUuid, { error: 'must be an id (UUID)' }).optional();

/** No query at all. */
export const NoQuery = z.strictObject({});
export const PageQuery = z.strictObject({ limit, page: cursor });
export const AgentRunsQuery = z.strictObject({ status: statuses, limit, page: cursor });
export const RunsQuery = z.strictObject({
  agentId: agentId.meta({ format: 'uuid' }),
  status: statuses,
  from: moment.meta({ description: 'Only runs made at this time or later.' }),
  to: moment.meta({ description: 'Only runs made before this time.' }),
  limit,
  page: cursor,
});
export const EventsQuery = z
  .strictObject({ after: seq, page: seq, limit })
  .refine((query) => query.after === undefined || query.page === undefined, {
    error: 'cannot be given together with after',
    path: ['page'],
  });
export const UsageQuery = z.strictObject({
  from: moment.meta({ description: 'First day (UTC), included; 30 days back when left out.' }),
  to: moment.meta({ description: 'Last day (UTC), included; today when left out.' }),
  groupBy: z.enum(['day', 'agent', 'model']).default('day'),
  agentId: agentId.meta({ format: 'uuid', description: 'Only the runs of this agent.' }),
});

/** The days that a usage query asks for. */
export const usageRange = (query: z.output<typeof UsageQuery>, now: number): { from: number; to: number } => {
  const to = query.to ?? now;
  return { from: query.from ?? Math.max(0, to - 29 * DAY_MS), to };
};
