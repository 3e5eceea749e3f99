/** `slipway agents`. */
import type { AgentView } from '../api/agent-schemas.ts';
import type { AgentChange, AgentInput, SlipwayClient } from '../client/client.ts';
import { UsageError } from './explain.ts';
import { collect } from './pages.ts';
import { complain, money, safe, say, sayJson } from './print.ts';
import { sayTable } from './table.ts';
import { CLEARABLE, readObject, readText, type TaskFlags, taskOf } from './task-options.ts';
import { ago } from './times.ts';

export interface AgentFlags extends TaskFlags {
  readonly name?: string;
  readonly prompt?: string;
  readonly promptFile?: string;
  readonly file?: string;
  readonly schedule?: string;
  readonly timezone?: string;
  readonly overlap?: 'skip' | 'allow';
  readonly status?: 'active' | 'paused';
  readonly clear?: readonly string[];
  readonly revision?: number;
  readonly json: boolean;
}

const scheduleOf = ({ schedule, timezone, overlap }: AgentFlags): AgentChange => {
  if (schedule !== undefined) {
    const more = { ...(timezone === undefined ? {} : { timezone }), ...(overlap === undefined ? {} : { overlap }) };
    return { schedule: { cron: schedule, ...more } };
  }
  if (timezone !== undefined || overlap !== undefined) {
    throw new UsageError('--timezone and --overlap need --schedule.');
  }
  return {};
};

/** The fields of the file, then those of the options over them. */
const changeOf = (flags: AgentFlags): AgentChange => {
  if (flags.prompt !== undefined && flags.promptFile !== undefined) {
    throw new UsageError('Give --prompt or --prompt-file, not both.');
  }
  const prompt = flags.promptFile === undefined ? flags.prompt : readText(flags.promptFile);
  const cleared = (flags.clear ?? []).map((name) => CLEARABLE[name] ?? {});
  const parts: AgentChange[] = [
    flags.file === undefined ? {} : readObject(flags.file),
    ...cleared,
    taskOf(flags),
    scheduleOf(flags),
    flags.name === undefined ? {} : { name: flags.name },
    prompt === undefined ? {} : { prompt },
    flags.status === undefined ? {} : { status: flags.status },
  ];
  const limits = Object.assign({}, ...parts.map((part) => part.limits));
  const change: AgentChange = Object.assign({}, ...parts);
  return Object.keys(limits).length === 0 ? change : { ...change, limits };
};

export const createAgentCommand = async (
  client: SlipwayClient,
  name: string | undefined,
  flags: AgentFlags,
): Promise<void> => {
  // What is missing is named by the server, which knows the rules; a null means nothing to a new agent.
  const body = { ...changeOf(flags), ...(name === undefined ? {} : { name }) } as AgentInput;
  if (body.name === undefined)
    throw new UsageError('An agent needs a name.', 'slipway agents create <name> --prompt …');
  if (body.prompt === undefined)
    throw new UsageError('An agent needs a prompt.', 'Give --prompt, --prompt-file or --file.');
  const agent = await client.createAgent(body);
  if (flags.json) sayJson(agent);
  else {
    say(`Agent ${agent.id} is made: ${safe(agent.name)}`);
    complain(`Run it with: slipway run --agent ${agent.id}`);
  }
};

export const editAgentCommand = async (client: SlipwayClient, id: string, flags: AgentFlags): Promise<void> => {
  const change = changeOf(flags);
  if (Object.keys(change).length === 0) {
    throw new UsageError('Nothing is to be changed.', '`slipway agents edit --help` lists what can be.');
  }
  const agent = await client.updateAgent(id, change, flags.revision);
  if (flags.json) sayJson(agent);
  else say(`Agent ${agent.id} is changed; it is at revision ${agent.revision}. Runs that exist keep what they have.`);
};

export const listAgentsCommand = async (
  client: SlipwayClient,
  options: { readonly limit: number; readonly json: boolean },
): Promise<void> => {
  const { items, more } = await collect((request) => client.listAgents(request), options.limit);
  if (options.json) {
    sayJson(items);
    return;
  }
  const rows = items.map((agent) => [
    agent.id,
    agent.status,
    agent.lastRun === null ? 'never ran' : `${agent.lastRun.status} ${ago(agent.lastRun.createdAt, Date.now())}`,
    agent.name,
  ]);
  sayTable(['ID', 'STATUS', 'LAST RUN', 'NAME'], rows, 'There are no agents yet. `slipway agents create` makes one.');
  if (more) complain(`There are more; --limit ${options.limit * 2} shows further ones.`);
};

export const showAgentCommand = async (
  client: SlipwayClient,
  id: string,
  options: { readonly json: boolean },
): Promise<void> => {
  const agent = await client.readAgent(id);
  if (options.json) sayJson(agent);
  else for (const [label, text] of rowsOf(agent)) sayRow(label, text);
};

const LABEL = 12;
const sayRow = (label: string, text: string): void => {
  const [first = '', ...rest] = safe(text).split('\n');
  say(`${label.padEnd(LABEL)}${first}`);
  for (const line of rest) say(`${' '.repeat(LABEL)}${line}`);
};

const limitsText = ({ limits }: AgentView): string =>
  [
    `${limits.timeoutSeconds} s`,
    `${limits.idleSeconds} s without output`,
    `${limits.memoryMb} MiB`,
    `${limits.diskMb} MiB of disk`,
    `${limits.cpus} cpu`,
    `${limits.maxProcesses} processes`,
    ...(limits.maxTurns === undefined ? [] : [`${limits.maxTurns} turns`]),
    ...(limits.maxBudgetUsd === undefined ? [] : [money(limits.maxBudgetUsd)]),
  ].join(', ');

const rowsOf = (agent: AgentView): [string, string][] => {
  const now = Date.now();
  const { schedule, source, lastRun, totalTokenUsage: tokens } = agent;
  const listed = (label: string, items: readonly string[]): [string, string][] =>
    items.length === 0 ? [] : [[label, items.join(', ')]];
  return [
    ['Agent', agent.id],
    ['Name', agent.name],
    ['Status', `${agent.status}, revision ${agent.revision}`],
    ['Model', agent.model ?? 'the default of Claude Code'],
    ['Permissions', agent.permissionMode],
    ...listed('Allowed', agent.allowedTools),
    ...listed('Denied', agent.disallowedTools),
    ...listed('Packages', agent.requiredPackages),
    ...listed('Hosts', agent.network.allow),
    ...listed('MCP', Object.keys(agent.mcpServers)),
    ...listed('Source', source === undefined ? [] : [`${source.git} at ${source.ref}`]),
    ...listed(
      'Schedule',
      schedule === undefined ? [] : [`${schedule.cron} (${schedule.timezone}), ${schedule.overlap}`],
    ),
    ...listed('Next run', agent.nextFireAt === undefined ? [] : [agent.nextFireAt]),
    ['Limits', limitsText(agent)],
    ['Last run', lastRun === null ? 'never' : `${lastRun.status} ${ago(lastRun.createdAt, now)}: ${lastRun.id}`],
    ['Tokens', `${tokens.inputTokens} in, ${tokens.outputTokens} out`],
    ['Changed', `${ago(agent.updatedAt, now)} (${agent.updatedAt})`],
    ['Prompt', agent.prompt],
  ];
};

export const deleteAgentCommand = async (client: SlipwayClient, id: string): Promise<void> => {
  await client.deleteAgent(id);
  say(`Agent ${safe(id)} is deleted. Its runs are kept.`);
};
