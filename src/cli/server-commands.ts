/** Commands that work over the HTTP API of a server. What they do is loaded when it is called for. */
import { type Command, InvalidArgumentError } from 'commander';
import type { AgentFlags } from './agents.ts';
import { whole } from './numbers.ts';
import { clientOf, type ReachOf } from './reach.ts';
import type { RunFlags } from './run.ts';
import type { ListFlags, LogFlags } from './runs.ts';
import { CLEARABLE, withAgentOptions, withTaskOptions } from './task-options.ts';

const ID = '01991f5e-7c1a-7000-8000-000000000000';
const LIST_LIMIT = 50;
const HISTORY_LIMIT = 10;

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ slipway ${line}`).join('\n')}`;

const json = (command: Command): Command => command.option('--json', 'print JSON', false);

export const addRunCommand = (program: Command, reach: ReachOf): void => {
  json(withTaskOptions(program.command('run')))
    .description('run a prompt, or an agent, and show how it goes; starts a server when none is running')
    .argument('[prompt]', 'what is to be done, or - for standard input; with --agent it is added to its prompt')
    .option('--agent <id>', 'run this agent')
    .option('--prompt-file <file>', 'read the prompt from a file')
    .option('--detach', 'print the id of the run and leave it to the server', false)
    .option('--demo', 'with a server that is started here: use the scripted demo model', false)
    .option('--idempotency-key <key>', 'the same key does the same run only once')
    .addHelpText(
      'after',
      `
Exit status: 0 succeeded, 1 failed, 2 usage, 3 timed out, 4 cancelled, 5 no server.
Ctrl-C asks whether to cancel or to detach; in a pipe it cancels.
${examples(
  'run "Write a haiku into haiku.txt"',
  'run "Fix the failing test" --git https://git.example.com/team/app.git --allow-tool "Bash(npm test:*)" --budget 2',
  `run --agent ${ID} "Only the German texts"`,
  'run - --json < prompt.txt',
)}`,
    )
    .action(async (prompt: string | undefined, flags: RunFlags) => {
      const { runCommand } = await import('./run.ts');
      process.exitCode = await runCommand(prompt, flags, reach());
    });
};

export const addAgentCommands = (program: Command, reach: ReachOf): void => {
  const agents = program.command('agents').description('agents: prompts with a name, limits and perhaps a schedule');
  const load = async () => ({ ...(await import('./agents.ts')), client: clientOf(reach()) });
  json(agents.command('list'))
    .description('list agents, newest first')
    .option('--limit <number>', 'how many at most', whole, LIST_LIMIT)
    .addHelpText('after', examples('agents list', 'agents list --json'))
    .action(async (flags: { limit: number; json: boolean }) => {
      const { listAgentsCommand, client } = await load();
      await listAgentsCommand(client, flags);
    });
  json(agents.command('show <agent-id>'))
    .description('show an agent')
    .addHelpText('after', examples(`agents show ${ID}`))
    .action(async (id: string, flags: { json: boolean }) => {
      const { showAgentCommand, client } = await load();
      await showAgentCommand(client, id, flags);
    });
  json(agents.command('history <agent-id>'))
    .description('show the revisions of an agent and what each of them changed, newest first')
    .option('--limit <number>', 'how many at most', whole, HISTORY_LIMIT)
    .addHelpText('after', examples(`agents history ${ID}`, `agents history ${ID} --json`))
    .action(async (id: string, flags: { limit: number; json: boolean }) => {
      const { agentHistoryCommand } = await import('./agent-history.ts');
      await agentHistoryCommand(clientOf(reach()), id, flags);
    });
  const writing = (command: Command): Command =>
    json(withAgentOptions(command))
      .option('--prompt <text>', 'what the agent is to do')
      .option('--prompt-file <file>', 'read the prompt from a file, or - for standard input')
      .option('--file <file>', 'JSON file with the fields of the API; options go before it');
  writing(agents.command('create [name]'))
    .description('create an agent')
    .addHelpText(
      'after',
      examples(
        'agents create Tidy --prompt "Tidy up the notes" --allow-tool "Bash(ls:*)" --timeout 10m',
        'agents create Weekly --prompt-file weekly.md --schedule "0 9 * * 1" --timezone Asia/Seoul',
        'agents create --file agent.json',
      ),
    )
    .action(async (name: string | undefined, flags: AgentFlags) => {
      const { createAgentCommand, client } = await load();
      await createAgentCommand(client, name, flags);
    });
  writing(agents.command('edit <agent-id>'))
    .description('change an agent; what is not given stays')
    .option('--name <name>', 'its name')
    .option('--clear <field>', 'take a field away; repeatable', gatherField)
    .option('--revision <number>', 'refuse when it is not at this revision any more', whole)
    .addHelpText(
      'after',
      examples(`agents edit ${ID} --status paused`, `agents edit ${ID} --clear schedule --budget 5`),
    )
    .action(async (id: string, flags: AgentFlags) => {
      const { editAgentCommand, client } = await load();
      await editAgentCommand(client, id, flags);
    });
  agents
    .command('delete <agent-id>')
    .description('delete an agent; its runs are kept')
    .addHelpText('after', examples(`agents delete ${ID}`))
    .action(async (id: string) => {
      const { deleteAgentCommand, client } = await load();
      await deleteAgentCommand(client, id);
    });
};

const gatherField = (value: string, earlier: readonly string[] | undefined): readonly string[] => {
  const known = Object.keys(CLEARABLE);
  if (!known.includes(value)) throw new InvalidArgumentError(`It must be one of ${known.join(', ')}.`);
  return [...(earlier ?? []), value];
};

export const addRunsCommands = (program: Command, reach: ReachOf): void => {
  const runs = program.command('runs').description('runs: what was, is and will be executed');
  const load = async () => ({ ...(await import('./runs.ts')), client: clientOf(reach()) });
  json(runs.command('list'))
    .description('list runs, newest first')
    .option('--agent <id>', 'only those of an agent')
    .option('--status <list>', 'only with these statuses, with commas between')
    .option('--limit <number>', 'how many at most', whole, LIST_LIMIT)
    .addHelpText('after', examples('runs list --status queued,running', `runs list --agent ${ID} --json`))
    .action(async (flags: ListFlags) => {
      const { listRunsCommand, client } = await load();
      await listRunsCommand(client, flags);
    });
  json(runs.command('show <run-id>'))
    .description('show a run')
    .addHelpText('after', examples(`runs show ${ID}`))
    .action(async (id: string, flags: { json: boolean }) => {
      const { showRunCommand, client } = await load();
      await showRunCommand(client, id, flags);
    });
  json(runs.command('logs <run-id>'))
    .description("print a run's events; --json prints one a line")
    .option('-f, --follow', "go on until the run is over; the exit status is the run's", false)
    .option('--after <seq>', 'only events with a higher number', whole, 0)
    .option('--raw', 'print what Claude Code printed, byte for byte', false)
    .addHelpText('after', examples(`runs logs -f ${ID}`, `runs logs ${ID} --json | tail -1`))
    .action(async (id: string, flags: LogFlags) => {
      const { logsCommand, client } = await load();
      process.exitCode = await logsCommand(client, id, flags);
    });
  json(runs.command('cancel <run-id>'))
    .description('end a run')
    .option('--wait', 'wait until nothing of it is alive', false)
    .addHelpText('after', examples(`runs cancel ${ID} --wait`))
    .action(async (id: string, flags: { json: boolean; wait: boolean }) => {
      const { cancelRunCommand, client } = await load();
      await cancelRunCommand(client, id, flags);
    });
  json(runs.command('retry <run-id>'))
    .description('do a finished run again and watch it')
    .option('--detach', 'print the id of the new run and leave it to the server', false)
    .addHelpText('after', examples(`runs retry ${ID} --detach`))
    .action(async (id: string, flags: { json: boolean; detach: boolean }) => {
      const { retryRunCommand, client } = await load();
      process.exitCode = await retryRunCommand(client, id, flags);
    });
  addFileCommands(runs, reach);
};

const addFileCommands = (runs: Command, reach: ReachOf): void => {
  const load = async () => ({ ...(await import('./run-files.ts')), client: clientOf(reach()) });
  runs
    .command('diff <run-id>')
    .description('print what a finished run changed, as a unified diff')
    .option('--raw', 'byte for byte, for git apply; without it, control characters are made visible', false)
    .addHelpText('after', examples(`runs diff ${ID}`, `runs diff ${ID} --raw | git apply`))
    .action(async (id: string, flags: { raw: boolean }) => {
      const { diffCommand, client } = await load();
      await diffCommand(client, id, flags);
    });
  json(runs.command('files <run-id>'))
    .description('list the files that a finished run changed')
    .addHelpText('after', examples(`runs files ${ID}`))
    .action(async (id: string, flags: { json: boolean }) => {
      const { filesCommand, client } = await load();
      await filesCommand(client, id, flags);
    });
  runs
    .command('download <run-id> [paths...]')
    .description('save files of a finished run: those that are named, or all')
    .option('-o, --output <directory>', 'where to', '.')
    .option('--force', 'overwrite files that exist', false)
    .addHelpText('after', examples(`runs download ${ID} -o out`, `runs download ${ID} report.md`))
    .action(async (id: string, paths: string[], flags: { output: string; force: boolean }) => {
      const { downloadCommand, client } = await load();
      process.exitCode = await downloadCommand(client, id, paths, flags);
    });
};
