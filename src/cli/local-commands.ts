/** Commands that work on this installation itself and need no server. */
import { Argument, type Command } from 'commander';
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

/** `settings` gives the effective settings, masked. */
export const addLocalCommands = (program: Command, settings: () => readonly Setting[]): void => {
  program
    .command('serve')
    .description('serve the HTTP API and run what is queued')
    .option('--demo', 'use the scripted demo model instead of a real one', false)
    .addHelpText('after', examples('serve', 'serve --demo'))
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
    .option('--google', 'look at Google Cloud instead of at this machine', false)
    .option('--build', 'with --google: start a build, which takes a minute and costs a cent', false)
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('doctor', 'doctor --json', 'doctor --google', 'doctor --google --build'))
    .action(async (options: { google: boolean; build: boolean; json: boolean }) => {
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
  addKeyCommands(program);
};

const addKeyCommands = (program: Command): void => {
  const keys = program.command('keys').description('API keys of this installation');
  keys
    .command('create')
    .description('make a key and show it once')
    .option('--user <id>', 'whose key it is', 'local')
    .option('--name <name>', 'what it is for', 'unnamed')
    .addHelpText('after', examples('keys create --user ann --name laptop'))
    .action(async (options: { user: string; name: string }) => {
      const { createKeyCommand } = await import('./keys.ts');
      await createKeyCommand(options.user, options.name);
    });
  keys
    .command('list')
    .description('list the keys of a user')
    .option('--user <id>', 'whose keys', 'local')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('keys list --user ann'))
    .action(async (options: { user: string; json: boolean }) => {
      const { listKeysCommand } = await import('./keys.ts');
      await listKeysCommand(options.user, options);
    });
  keys
    .command('revoke <key-id>')
    .description('make a key worthless')
    .option('--user <id>', 'whose key it is', 'local')
    .addHelpText('after', examples('keys revoke 01991f5e-7c1a-7000-8000-000000000000 --user ann'))
    .action(async (id: string, options: { user: string }) => {
      const { revokeKeyCommand } = await import('./keys.ts');
      await revokeKeyCommand(options.user, id);
    });
};
