/** How the fields of an agent and their values are called. */
import type { Words } from './en.ts';

/** What a field of an agent is called, by its name in the API; the name itself where there is no word for it. */
export const labelOf = ({ form, run, agents }: Words, field: string): string => {
  const labels: Readonly<Record<string, string>> = {
    name: form.name,
    prompt: form.prompt,
    model: form.model,
    permissionMode: form.permissionMode,
    allowedTools: form.allowedTools,
    disallowedTools: form.disallowedTools,
    requiredPackages: form.requiredPackages,
    network: form.network,
    schedule: form.schedule,
    outputSchema: form.outputSchema,
    limits: form.limits,
    mcpServers: agents.mcpServers,
    source: agents.source,
    status: agents.status,
    'limits.maxOutputBytes': run.limit.output,
    ...Object.fromEntries(Object.entries(form.limit).map(([name, label]) => [`limits.${name}`, label])),
  };
  return labels[field] ?? field;
};

/** A value of such a field: what has a word of its own is said by it. */
export const wordFor = ({ form, agents, agentStatus }: Words, field: string, text: string): string => {
  const values: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    status: agentStatus,
    permissionMode: form.permissionModes,
  };
  if (field === 'schedule') return text.replace(/ · (skip|allow)$/, (_, overlap) => agents.overlap(overlap === 'skip'));
  return values[field]?.[text] ?? text;
};
