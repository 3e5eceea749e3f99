/** Commands that work on this installation itself and need no server. */
import { Argument, type Command } from 'commander';
import type { SlipwayClient } from '../client/client.ts';
import { SHELLS, type Shell } from './completion.ts';
import { EXIT } from './exit-codes.ts';
import { say, sayJson } from './print.ts';
import { sayTable } from './table.ts';

interface Setting {
  readonly name: string;
  readonly value: string | null;
  readonly means: string;
}

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ slipway ${line}`).join('\n')}`;

/** What these commands are given when they are called. */
interface Surroundings {
  /** The effective settings, masked. */
  settings(): readonly Setting[];
  /** The server that somebody named by its address; null when nobody did. */
  server(): SlipwayClient | null;
}

export const addLocalCommands = (program: Command, { settings, server }: Surroundings): void => {
  program
    .command('serve')
    .description('serve the HTTP API and run what is queued')
    .option('--demo', 'use the scripted demo model instead of a real one', false)
    .addHelpText(
      'after',
      `\nSettings are variables of the environment: slipway config lists them all.\n${examples('serve', 'serve --demo')}`,
    )
    .action(async (options: { demo: boolean }) => {
      const { serveCommand } = await import('./serve.ts');
      await serveCommand(options);
    });

  program
    .command('demo')
    .description('start a server, make one agent, run it, and show what came of it')
    .option('--keep', 'leave the server up', false)
    .addHelpText('after', examples('demo', 'demo --keep'))
    .action(async (options: { keep: boolean }) => {
      const { demoCommand } = await import('./demo.ts');
      process.exitCode = await demoCommand(options);
    });

  program
    .command('doctor')
    .description('try every part that a run needs, and say what mends what is missing')
    .option('--demo', 'as for serve --demo: no credentials are needed, and none are tried', false)
    .option('--google', 'look at Google Cloud instead of at this machine', false)
    .option('--build', 'with --google: start a build, which takes a minute and costs a cent', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `\nExit status: 0 when nothing is missing, 1 otherwise.\n${examples('doctor', 'doctor --json', 'doctor --google', 'doctor --google --build')}`,
    )
    .action(async (options: { demo: boolean; google: boolean; build: boolean; json: boolean }) => {
      const ready =
        options.google || options.build
          ? await (await import('./doctor-google.ts')).doctorGoogleCommand(options)
          : await (await import('./doctor.ts')).doctorCommand(options);
      process.exitCode = ready ? EXIT.succeeded : EXIT.failed;
    });

  program
    .command('config')
    .description('print the effective settings, secrets masked')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('config', 'config --json'))
    .action((options: { json: boolean }) => {
      const rows = settings();
      if (options.json) sayJson(Object.fromEntries(rows.map(({ name, value }) => [name, value])));
      else
        sayTable(
          ['NAME', 'VALUE', 'MEANS'],
          rows.map(({ name, value, means }) => [name, value ?? '-', means]),
          '',
        );
    });

  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices([...SHELLS]))
    .addHelpText('after', '\nExamples:\n  $ eval "$(slipway completion bash)"\n  $ slipway completion fish | source')
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion.ts');
      say(completionScript(program, shell).trimEnd());
    });
  addKeyCommands(program, server);
};

const addKeyCommands = (program: Command, server: Surroundings['server']): void => {
  const keys = program
    .command('keys')
    .description('API keys: of this machine, or your own on the server that --url or SLIPWAY_URL names');
  keys
    .command('create')
    .description('make a key on this machine and show it once')
    .option('--user <id>', 'whose key it is', 'local')
    .option('--name <name>', 'what it is for', 'unnamed')
    .addHelpText('after', examples('keys create --user ann --name laptop'))
    .action(async (options: { user: string; name: string }) => {
      const { createKeyCommand } = await import('./keys.ts');
      await createKeyCommand(options.user, options.name);
    });
  keys
    .command('list')
    .description('list keys: whose they are, when they were made and last used')
    .option('--user <id>', 'the keys of this user alone')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('keys list', 'keys list --user ann', 'keys list --url https://slipway.example'))
    .action(async (options: { user?: string; json: boolean }) => {
      const { listKeysCommand } = await import('./keys.ts');
      await listKeysCommand(server(), options);
    });
  keys
    .command('revoke <key-id>')
    .description('make a key worthless')
    .addHelpText('after', examples('keys revoke 01991f5e-7c1a-7000-8000-000000000000'))
    .action(async (id: string) => {
      const { revokeKeyCommand } = await import('./keys.ts');
      await revokeKeyCommand(server(), id);
    });
};
