/** What changed from one revision of an agent to the next, and how to go back to one. */
import type { AgentRevisionView } from '../api/agent-schemas.ts';
import type { AgentChange } from './client.ts';

/** A field as text, before and after; empty where there was nothing. */
export interface FieldChange {
  /** As the API calls it, such as `prompt` or `limits.cpus`. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** Only these are shown; what else a revision has is about when it was made. */
const FIELDS = [
  'name',
  'prompt',
  'schedule',
  'status',
  'permissionMode',
  'model',
  'allowedTools',
  'disallowedTools',
  'requiredPackages',
  'network',
  'source',
  'mcpServers',
  'outputSchema',
  'limits',
] as const;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as text: lists a line each, what belongs together on one line, the rest as JSON; empty when there is none. */
const textOf = (field: string, value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one) => textOf('', one)).join('\n');
  if (!isRecord(value)) return String(value);
  if (field === 'network') return textOf('', value.allow);
  if (field === 'schedule') return [value.cron, value.timezone, value.overlap].map(String).join(' · ');
  if (field === 'source') return [value.git, value.ref].map(String).join(' · ');
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value, null, 2);
};

/** One field's change; limits are told one by one. */
export const changeOf = (field: string, before: unknown, after: unknown): readonly FieldChange[] => {
  if (field !== 'limits' || !isRecord(after)) {
    return [{ field, before: textOf(field, before), after: textOf(field, after) }].filter(isChange);
  }
  const old = isRecord(before) ? before : {};
  return [...new Set([...Object.keys(old), ...Object.keys(after)])]
    .map((name) => ({ field: `limits.${name}`, before: textOf('', old[name]), after: textOf('', after[name]) }))
    .filter(isChange);
};

const isChange = ({ before, after }: FieldChange): boolean => before !== after;

export const changesBetween = (before: AgentRevisionView, after: AgentRevisionView): readonly FieldChange[] =>
  FIELDS.flatMap((field) => changeOf(field, before[field], after[field]));

/** All that an earlier revision said, but for whether the agent is paused: nobody expects that to change by the way. */
export const changeBackTo = (revision: AgentRevisionView): AgentChange => {
  const { revision: _, updatedAt: __, status: ___, ...fields } = revision;
  return {
    ...fields,
    model: revision.model ?? null,
    outputSchema: revision.outputSchema ?? null,
    source: revision.source ?? null,
    schedule: revision.schedule ?? null,
    limits: {
      ...revision.limits,
      maxTurns: revision.limits.maxTurns ?? null,
      maxBudgetUsd: revision.limits.maxBudgetUsd ?? null,
    },
    // The server's own form of them; it checks them as it did then.
    mcpServers: revision.mcpServers as NonNullable<AgentChange['mcpServers']>,
  };
};
