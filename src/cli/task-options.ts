/** The fields of an agent as options, the same for `run`, `agents create` and `agents edit`. */
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { AgentChange } from '../client/client.ts';
import { AGENT_STATUSES, OVERLAP_POLICIES, PERMISSION_MODES, type PermissionMode } from '../core/agent.ts';
import { UsageError } from './explain.ts';
import { decimal, mebibytes, seconds, whole } from './numbers.ts';

const collect = (value: string, earlier: readonly string[] | undefined): readonly string[] => [
  ...(earlier ?? []),
  value,
];

/** The text of a file, or of standard input for `-`. */
export const readText = (path: string): string => {
  try {
    return readFileSync(path === '-' ? process.stdin.fd : path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** The JSON object in a file. */
export const readObject = (path: string): Record<string, unknown> => {
  const text = readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`${path} must hold a JSON object.`);
  }
  return { ...value };
};

/** What the limits' options give. */
export interface LimitFlags {
  readonly timeout?: number;
  readonly idleTimeout?: number;
  readonly memory?: number;
  readonly disk?: number;
  readonly cpus?: number;
  readonly maxProcesses?: number;
  readonly maxTurns?: number;
  readonly budget?: number;
  readonly maxOutput?: number;
}

export interface TaskFlags extends LimitFlags {
  readonly model?: string;
  readonly permissionMode?: PermissionMode;
  readonly allowTool?: string[];
  readonly denyTool?: string[];
  readonly package?: string[];
  readonly mcp?: string;
  readonly outputSchema?: string;
  readonly allowHost?: string[];
  readonly git?: string;
  readonly ref?: string;
}

/** Fields that can be taken away again, by the name that `--clear` has for them. */
export const CLEARABLE: Readonly<Record<string, AgentChange>> = {
  model: { model: null },
  'output-schema': { outputSchema: null },
  source: { source: null },
  schedule: { schedule: null },
  'max-turns': { limits: { maxTurns: null } },
  budget: { limits: { maxBudgetUsd: null } },
  tools: { allowedTools: [], disallowedTools: [] },
  packages: { requiredPackages: [] },
  hosts: { network: { allow: [] } },
  mcp: { mcpServers: {} },
};

/** Limits apply to every kind of run, also to one of an agent. */
export const withLimitOptions = (command: Command): Command =>
  command
    .option('--timeout <duration>', 'longest time it may take, such as 90s or 10m', seconds)
    .option('--idle-timeout <duration>', 'longest time without any output', seconds)
    .option('--memory <size>', 'memory, such as 512m or 2g', mebibytes)
    .option('--disk <size>', 'disk space of workspace and home, such as 512m or 20g', mebibytes)
    .option('--cpus <number>', 'processor cores', decimal)
    .option('--max-processes <number>', 'processes and threads at once', whole)
    .option('--max-turns <number>', 'turns of the model', whole)
    .option('--budget <usd>', 'US dollars that it may cost', decimal)
    .option('--max-output <bytes>', 'bytes of output', whole);

export const withTaskOptions = (command: Command): Command =>
  withLimitOptions(
    command
      .option('--model <name>', 'the model; the default of Claude Code when left out')
      .addOption(new Option('--permission-mode <mode>', 'what the agent may do unasked').choices([...PERMISSION_MODES]))
      .option('--allow-tool <rule>', 'a tool that is allowed, such as "Bash(git log:*)"; repeatable', collect)
      .option('--deny-tool <rule>', 'a tool that is denied; repeatable', collect)
      .option('--package <name>', 'pandas==2.2.2 (pip) or npm:left-pad@1.3.0; repeatable', collect)
      .option('--allow-host <host>', 'a host that the agent may reach; repeatable', collect)
      .option('--mcp <file>', 'JSON file with MCP servers by name')
      .option('--output-schema <file>', 'JSON Schema that the result must satisfy')
      .option('--git <url>', 'repository to start from')
      .option('--ref <name>', 'branch, tag or commit of it'),
  );

/** A schedule and a status are an agent's alone. */
export const withAgentOptions = (command: Command): Command =>
  withTaskOptions(command)
    .option('--schedule <cron>', 'five cron fields, such as "0 9 * * 1"')
    .option('--timezone <name>', 'time zone of the schedule, such as Europe/Berlin')
    .addOption(new Option('--overlap <policy>', 'when an earlier run is still alive').choices([...OVERLAP_POLICIES]))
    .addOption(new Option('--status <status>', 'whether its schedule fires').choices([...AGENT_STATUSES]));

/** Leaves out what was not given. */
const given = <Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } =>
  // Only entries are removed, so the fields that stay have the types that they had.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };

export const limitsOf = (flags: LimitFlags): NonNullable<AgentChange['limits']> =>
  given({
    timeoutSeconds: flags.timeout,
    idleSeconds: flags.idleTimeout,
    memoryMb: flags.memory,
    diskMb: flags.disk,
    cpus: flags.cpus,
    maxProcesses: flags.maxProcesses,
    maxTurns: flags.maxTurns,
    maxBudgetUsd: flags.budget,
    maxOutputBytes: flags.maxOutput,
  });

const sourceOf = ({ git, ref }: TaskFlags): { git: string; ref?: string } | undefined => {
  if (git !== undefined) return ref === undefined ? { git } : { git, ref };
  if (ref !== undefined) throw new UsageError('--ref needs --git.');
  return undefined;
};

/** The fields that were given, in the form that the API takes. What is in files is checked by the server. */
export const taskOf = (flags: TaskFlags): Omit<AgentChange, 'prompt' | 'name' | 'schedule' | 'status'> => {
  const limits = limitsOf(flags);
  return given({
    model: flags.model,
    permissionMode: flags.permissionMode,
    allowedTools: flags.allowTool,
    disallowedTools: flags.denyTool,
    requiredPackages: flags.package,
    network: flags.allowHost === undefined ? undefined : { allow: flags.allowHost },
    // The form of the entries is the server's to check, which names each fault.
    mcpServers: flags.mcp === undefined ? undefined : (readObject(flags.mcp) as NonNullable<AgentChange['mcpServers']>),
    outputSchema: flags.outputSchema === undefined ? undefined : readObject(flags.outputSchema),
    source: sourceOf(flags),
    limits: Object.keys(limits).length === 0 ? undefined : limits,
  });
};
