/** The form's own state — texts, as they are typed — and the body that is made of it. */
import type { z } from 'zod';
import { AgentCreate, type AgentView } from '../../../../src/api/agent-schemas.ts';
import type { AgentInput } from '../../../../src/client/client.ts';

export const LIMIT_NAMES = [
  'timeoutSeconds',
  'idleSeconds',
  'memoryMb',
  'cpus',
  'maxProcesses',
  'diskMb',
  'maxTurns',
  'maxBudgetUsd',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

/** Limits that may be left open. */
export const OPEN_LIMITS: readonly LimitName[] = ['maxTurns', 'maxBudgetUsd'];

export interface Draft {
  readonly name: string;
  readonly prompt: string;
  readonly model: string;
  readonly permissionMode: AgentView['permissionMode'];
  readonly allowedTools: string;
  readonly disallowedTools: string;
  readonly requiredPackages: string;
  readonly network: string;
  readonly scheduled: boolean;
  readonly cron: string;
  readonly timezone: string;
  readonly overlap: 'skip' | 'allow';
  readonly limits: Readonly<Record<LimitName, string>>;
  readonly outputSchema: string;
}

const textOf = (limit: number | undefined): string => (limit === undefined ? '' : String(limit));

const limitTexts = (limits: AgentView['limits']): Draft['limits'] => ({
  timeoutSeconds: textOf(limits.timeoutSeconds),
  idleSeconds: textOf(limits.idleSeconds),
  memoryMb: textOf(limits.memoryMb),
  cpus: textOf(limits.cpus),
  maxProcesses: textOf(limits.maxProcesses),
  diskMb: textOf(limits.diskMb),
  maxTurns: textOf(limits.maxTurns),
  maxBudgetUsd: textOf(limits.maxBudgetUsd),
});

export interface Defaults {
  readonly permissionMode: AgentView['permissionMode'];
  readonly limits: AgentView['limits'];
}

/** What a new agent begins with, the server's own defaults among it. */
export const emptyDraft = (defaults: Defaults): Draft => ({
  name: '',
  prompt: '',
  model: '',
  permissionMode: defaults.permissionMode,
  allowedTools: '',
  disallowedTools: '',
  requiredPackages: '',
  network: '',
  scheduled: false,
  cron: '0 9 * * 1',
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  overlap: 'skip',
  limits: limitTexts(defaults.limits),
  outputSchema: '',
});

export const draftOf = (agent: AgentView): Draft => ({
  name: agent.name,
  prompt: agent.prompt,
  model: agent.model ?? '',
  permissionMode: agent.permissionMode,
  allowedTools: agent.allowedTools.join('\n'),
  disallowedTools: agent.disallowedTools.join('\n'),
  requiredPackages: agent.requiredPackages.join('\n'),
  network: agent.network.allow.join('\n'),
  scheduled: agent.schedule !== undefined,
  cron: agent.schedule?.cron ?? '0 9 * * 1',
  timezone: agent.schedule?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  overlap: agent.schedule?.overlap ?? 'skip',
  limits: limitTexts(agent.limits),
  outputSchema: agent.outputSchema === undefined ? '' : JSON.stringify(agent.outputSchema, null, 2),
});

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What is no number is passed on as it is, so that the schema says what is wrong with it. */
const numberOf = (text: string): unknown => (/^\s*$/.test(text) || Number.isNaN(Number(text)) ? text : Number(text));

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const bodyOf = (draft: Draft): unknown => ({
  name: draft.name.trim(),
  prompt: draft.prompt,
  model: draft.model.trim() === '' ? null : draft.model.trim(),
  permissionMode: draft.permissionMode,
  allowedTools: lines(draft.allowedTools),
  disallowedTools: lines(draft.disallowedTools),
  requiredPackages: lines(draft.requiredPackages),
  network: { allow: lines(draft.network) },
  schedule: draft.scheduled
    ? { cron: draft.cron.trim(), timezone: draft.timezone.trim(), overlap: draft.overlap }
    : null,
  limits: Object.fromEntries(
    LIMIT_NAMES.map((name) => {
      const text = draft.limits[name];
      return [name, text.trim() === '' && OPEN_LIMITS.includes(name) ? null : numberOf(text)];
    }),
  ),
  outputSchema: draft.outputSchema.trim() === '' ? null : jsonOf(draft.outputSchema),
});

/** Faults by the field that they belong to, such as `schedule.cron`. */
export type Faults = Readonly<Record<string, string>>;

const fieldOf = (path: readonly PropertyKey[]): string => {
  const [first = '', second = ''] = path.map(String);
  return first === 'limits' || first === 'schedule' ? `${first}.${second}` : first;
};

const faultsOf = (error: z.ZodError): Faults =>
  Object.fromEntries(error.issues.toReversed().map((issue) => [fieldOf(issue.path), issue.message]));

/** Faults that the server named by JSON Pointers, as those of the form. */
export const faultsFromServer = (faults: readonly { readonly pointer: string; readonly message: string }[]): Faults =>
  Object.fromEntries(faults.map(({ pointer, message }) => [fieldOf(pointer.split('/').slice(1)), message]));

/** The body to send, checked by the server's own schema, or what is wrong with it. */
export const readDraft = (
  draft: Draft,
): { readonly ok: true; readonly body: AgentInput } | { readonly ok: false; readonly faults: Faults } => {
  const parsed = AgentCreate.safeParse(bodyOf(draft));
  return parsed.success ? { ok: true, body: parsed.data } : { ok: false, faults: faultsOf(parsed.error) };
};
