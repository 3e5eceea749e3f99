/** What changed from one revision of an agent to the next, and how to go back to one. */
import type { AgentRevisionView } from '../../../src/api/agent-schemas.ts';
import type { AgentChange } from '../../../src/client/client.ts';

/** A field as text, before and after; empty where there was nothing. */
export interface FieldChange {
  /** As the API calls it, such as `prompt` or `limits.cpus`. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);
const listed = (items: readonly string[]): string => items.join('\n');

/** In the order of the form. */
const textsOf = (revision: AgentRevisionView): ReadonlyMap<string, string> => {
  const { schedule, source, limits } = revision;
  return new Map([
    ['name', revision.name],
    ['prompt', revision.prompt],
    ['schedule', schedule === undefined ? '' : `${schedule.cron} · ${schedule.timezone} · ${schedule.overlap}`],
    ['status', revision.status],
    ['permissionMode', revision.permissionMode],
    ['model', revision.model ?? ''],
    ['allowedTools', listed(revision.allowedTools)],
    ['disallowedTools', listed(revision.disallowedTools)],
    ['requiredPackages', listed(revision.requiredPackages)],
    ['network', listed(revision.network.allow)],
    ['source', source === undefined ? '' : `${source.git} · ${source.ref}`],
    ['mcpServers', Object.keys(revision.mcpServers).length === 0 ? '' : json(revision.mcpServers)],
    ['outputSchema', revision.outputSchema === undefined ? '' : json(revision.outputSchema)],
    ...Object.entries(limits).map(([name, limit]): [string, string] => [`limits.${name}`, String(limit)]),
  ]);
};

export const changesBetween = (before: AgentRevisionView, after: AgentRevisionView): readonly FieldChange[] => {
  const old = textsOf(before);
  const now = textsOf(after);
  return [...new Set([...now.keys(), ...old.keys()])]
    .map((field) => ({ field, before: old.get(field) ?? '', after: now.get(field) ?? '' }))
    .filter((change) => change.before !== change.after);
};

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
