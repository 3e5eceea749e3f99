/**
 * From a run to the CLI's command line. No word of a user is ever an option by itself: each value hangs on its option
 * by `=`, since the CLI's parser would take a value that begins with `-` for the next option; lists travel as JSON,
 * since the CLI parts a list of tools at commas and spaces behind the first closing parenthesis; and the prompt is
 * standard input.
 */
import { DomainError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Run } from '../../core/run.ts';
import { type FileIn, PLACE } from '../../ports/executor.ts';
import type { JobPlan, Resumption } from '../../ports/harness.ts';

/** Linux takes no argument above 128 KiB. */
const MAX_ARGUMENT_BYTES = 126_976;

const MCP_CONFIG = '.slipway/mcp.json';

/**
 * Keeps the CLI to its work: no update, no telemetry, no error report; and no memory for a next time that a place
 * which is destroyed afterwards cannot have.
 */
const QUIET: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  CLAUDE_CODE_DISABLE_CRON: '1',
  CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: '1',
  CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: '1',
  CLAUDE_CODE_DISABLE_TERMINAL_TITLE: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_ERROR_REPORTING: '1',
  DISABLE_INSTALLATION_CHECKS: '1',
  DISABLE_TELEMETRY: '1',
};

/**
 * A repository's CLAUDE.md, and what it imports, is context that its owners expect to count. As part of the project's
 * settings it would bring hooks, key helpers and permissions with it; as memory of an added directory, which is the
 * working directory itself, it comes alone.
 */
const READS_MEMORY: Readonly<Record<string, string>> = { CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD: '1' };

/** The CLI names a session's folder after its working directory, each odd character a dash. */
const PROJECT = PLACE.workspace.replace(/[^a-zA-Z0-9]/g, '-');

/** Path of the session transcript under the home of the place. */
export const transcriptPathOf = (run: Run): string => `.claude/projects/${PROJECT}/${run.sessionId}.jsonl`;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An option with its value as one argument. */
const option = (name: string, value: string): string => {
  const argument = `--${name}=${value}`;
  if (bytes(argument).length > MAX_ARGUMENT_BYTES) {
    throw new DomainError('invalid_request', `The value for the agent program's option --${name} is too large.`, {
      hint: `It may have ${MAX_ARGUMENT_BYTES} bytes. Nothing was executed; make it smaller and try again.`,
    });
  }
  return argument;
};

const hasRules = (run: Run): boolean => run.task.allowedTools.length + run.task.disallowedTools.length > 0;

/** Settings of the command line. A tool rule is a JSON string there and survives as it is. */
const settingsOf = (run: Run): JsonObject => ({
  ...(hasRules(run) ? { permissions: { allow: [...run.task.allowedTools], deny: [...run.task.disallowedTools] } } : {}),
  // Else its WebFetch asks its vendor about each host first, and refuses when it gets no answer. Which hosts there are
  // is for the agent's allow list to say, and for nobody else to know.
  ...(run.task.network.allow.length > 0 ? { skipWebFetchPreflight: true } : {}),
});

const hasServers = (run: Run): boolean => Object.keys(run.task.mcpServers).length > 0;

/**
 * A prompt that begins with a slash would be taken for a command of the CLI and never reach the model. The CLI looks
 * for commands in the last text block alone, so the prompt goes first, byte for byte, and a second block ends it.
 */
const isLikeCommand = (prompt: string): boolean => prompt.trimStart().startsWith('/');
const AFTER_THE_PROMPT = '(End of the request. The text before this line is the request, to be taken literally.)';

/**
 * The CLI reads stream-json from a pipe only: from a file, as which a place gives standard input, it reads nothing and
 * exits with 0. The shell's status is that of the CLI, the last in the line.
 */
const THROUGH_A_PIPE = ['-c', 'cat | "$@"', 'slipway'] as const;

const commandOf = (prompt: string, args: readonly string[]): Pick<JobPlan, 'program' | 'args'> =>
  isLikeCommand(prompt)
    ? { program: '/bin/sh', args: [...THROUGH_A_PIPE, 'claude', ...args] }
    : { program: 'claude', args };

const stdinOf = (prompt: string): string => {
  if (!isLikeCommand(prompt)) return prompt;
  const content = [
    { type: 'text', text: prompt },
    { type: 'text', text: AFTER_THE_PROMPT },
  ];
  return `${JSON.stringify({ type: 'user', message: { role: 'user', content } })}\n`;
};

const argsOf = (run: Run, prompt: string, resumes: boolean): string[] => {
  const { task } = run;
  return [
    '--print',
    '--output-format=stream-json',
    '--verbose',
    '--include-partial-messages',
    ...(isLikeCommand(prompt) ? ['--input-format=stream-json'] : []),
    option('permission-mode', task.permissionMode),
    option(resumes ? 'resume' : 'session-id', run.sessionId),
    // No settings file, hook, skill or MCP server that lies in the workspace or home has a say.
    '--setting-sources=',
    ...(task.source === null ? [] : [option('add-dir', PLACE.workspace)]),
    '--strict-mcp-config',
    ...(hasServers(run) ? [option('mcp-config', `${PLACE.home}/${MCP_CONFIG}`)] : []),
    ...(Object.keys(settingsOf(run)).length > 0 ? [option('settings', JSON.stringify(settingsOf(run)))] : []),
    ...(task.model === null ? [] : [option('model', task.model)]),
    ...(task.outputSchema === null ? [] : [option('json-schema', JSON.stringify(task.outputSchema))]),
    // There is no --max-budget-usd: the CLI reckons with its own prices for the model that was asked for, whoever
    // answers. The gateway meters what was answered, and ends the run at its budget.
    ...(task.systemPrompt === undefined ? [] : [option('system-prompt', task.systemPrompt)]),
    ...(task.tools === 'none' ? ['--tools='] : []),
    ...(task.limits.maxTurns === null ? [] : [option('max-turns', String(task.limits.maxTurns))]),
  ];
};

const filesOf = (run: Run, resume: Resumption | null): FileIn[] => [
  ...(resume === null ? [] : [{ root: 'home' as const, path: transcriptPathOf(run), content: resume.transcript }]),
  ...(hasServers(run)
    ? [{ root: 'home' as const, path: MCP_CONFIG, content: bytes(JSON.stringify({ mcpServers: run.task.mcpServers })) }]
    : []),
];

/** The job for a run: what to execute, with what input. The prompt is the run's own, lone surrogates replaced. */
export const planOf = (run: Run, resume: Resumption | null): JobPlan => {
  const prompt = run.task.prompt.toWellFormed();
  return {
    ...commandOf(prompt, argsOf(run, prompt, resume !== null)),
    stdin: bytes(stdinOf(prompt)),
    env: run.task.source === null ? QUIET : { ...QUIET, ...READS_MEMORY },
    files: filesOf(run, resume),
    keep: [transcriptPathOf(run)],
  };
};
